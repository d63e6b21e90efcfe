#include "server/http/faulty_reply.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace firn::http {

namespace {

// How long each part of a slow body takes, about: short enough to look like a slow network, long enough to
// cost little.
constexpr std::chrono::milliseconds slow_part{50};
constexpr std::uint64_t slow_part_bytes_max = 256 << 10;

// A string body as a stream of one piece.
class TextStream : public BodyStream {
public:
    explicit TextStream(std::string text) : size_bytes_(text.size()), text_(std::move(text)) {}
    std::uint64_t size_bytes() const override { return size_bytes_; }
    std::optional<BodyPiece> next() override {
        if (!text_) return std::nullopt;
        return *std::exchange(text_, std::nullopt);
    }

private:
    std::uint64_t size_bytes_;
    std::optional<std::string> text_;
};

BodyStream& stream_of(Response& response) {
    if (auto* const text = std::get_if<std::string>(&response.body)) {
        response.body = std::make_unique<TextStream>(std::move(*text));
    }
    return *std::get<std::unique_ptr<BodyStream>>(response.body);
}

// One byte of a piece; nothing when the file ends before it.
std::optional<char> byte_at(BodyPiece const& piece, std::uint64_t at) {
    if (auto const* text = std::get_if<std::string>(&piece)) return (*text)[at];
    auto const& slice = std::get<FileSlice>(piece);
    char byte = 0;
    for (;;) {
        auto const n = ::pread(slice.descriptor, &byte, 1, static_cast<off_t>(slice.offset + at));
        if (n == 1) return byte;
        if (n == 0 || errno != EINTR) return std::nullopt;
    }
}

// Sends one body.
class FaultyBody {
public:
    FaultyBody(Connection& connection, WireFault const& fault, std::uint64_t size_bytes,
               std::chrono::milliseconds stall)
        : connection_(connection),
          fault_(fault),
          stall_(stall),
          size_bytes_(size_bytes),
          end_(std::min(fault.cut_after_bytes.value_or(size_bytes), size_bytes)),
          rate_(std::max<std::uint64_t>(fault.bytes_per_second.value_or(1), 1)) {}

    // False when no more can or may be sent.
    Awaitable<bool> send(BodyPiece const& piece);
    std::uint64_t sent_bytes() const { return sent_; }
    bool all_sent() const { return sent_ == size_bytes_; }
    bool cut() const { return end_ < size_bytes_ && sent_ == end_; }

private:
    Awaitable<std::uint64_t> send_part(BodyPiece const& piece, std::uint64_t from, std::uint64_t bytes);
    std::uint64_t part_bytes(std::uint64_t rest) const;
    SteadyClock::time_point due(std::uint64_t bytes);

    Connection& connection_;
    WireFault const& fault_;
    std::chrono::milliseconds const stall_;
    std::uint64_t const size_bytes_;
    std::uint64_t const end_;  // where the body is cut, or its size
    std::uint64_t const rate_;
    std::uint64_t sent_ = 0;
    SteadyClock::time_point due_ = SteadyClock::now();  // when the rate allows the next part
};

Awaitable<bool> FaultyBody::send(BodyPiece const& piece) {
    auto const piece_bytes = size_of(piece);
    // The client would read bytes beyond the announced size as the next reply.
    if (piece_bytes > size_bytes_ - sent_) co_return false;
    auto const start = sent_;
    auto const end = std::min(start + piece_bytes, end_);
    while (sent_ < end) {
        auto const bytes = part_bytes(end - sent_);
        if (fault_.bytes_per_second) {
            auto const when = due(bytes);
            co_await connection_.pause_until(when);
        }
        std::uint64_t const taken = co_await send_part(piece, sent_ - start, bytes);
        sent_ += taken;
        if (taken < bytes) co_return false;
    }
    co_return !cut();
}

Awaitable<std::uint64_t> FaultyBody::send_part(BodyPiece const& piece, std::uint64_t from,
                                               std::uint64_t bytes) {
    std::uint64_t taken = 0;
    net::const_buffer const nothing;
    auto const* const text = std::get_if<std::string>(&piece);
    if (sent_ == fault_.flip_at) {
        auto const byte = byte_at(piece, from);
        if (!byte) co_return taken;
        auto const inverted = static_cast<char>(~*byte);
        net::const_buffer const wrong(&inverted, 1);
        taken = co_await connection_.write(wrong, nothing, stall_);
    } else if (text) {
        net::const_buffer const right(text->data() + from, bytes);
        taken = co_await connection_.write(right, nothing, stall_);
    } else {
        FileSlice slice = std::get<FileSlice>(piece);
        slice.offset += from;
        slice.size_bytes = bytes;
        taken = co_await connection_.send_file(slice, stall_);
    }
    co_return taken;
}

// How much of the rest to send next: up to the byte that must be wrong, then that byte alone, and never more
// than the rate allows in one part.
std::uint64_t FaultyBody::part_bytes(std::uint64_t rest) const {
    auto most = rest;
    if (fault_.bytes_per_second && !connection_.hurried()) {
        auto const parts_a_second = static_cast<std::uint64_t>(std::chrono::seconds(1) / slow_part);
        most = std::clamp<std::uint64_t>(rate_ / parts_a_second, 1, slow_part_bytes_max);
    }
    if (sent_ == fault_.flip_at) most = 1;
    if (fault_.flip_at && *fault_.flip_at > sent_) most = std::min(most, *fault_.flip_at - sent_);
    return std::min(most, rest);
}

// When the rate allows the next part. Time that a slow client lost is not made up for.
SteadyClock::time_point FaultyBody::due(std::uint64_t bytes) {
    // After hurry() there are no waits and parts are large; a large count would overflow the price.
    auto const counted = std::min(bytes, slow_part_bytes_max);
    std::chrono::nanoseconds const price(counted * std::nano::den / rate_);
    due_ = std::max<SteadyClock::time_point>(due_, SteadyClock::now() - slow_part) + price;
    return due_;
}

}  // namespace

Awaitable<Sent> write_faulty_reply(Connection& connection, net::const_buffer head, Response& response,
                                   std::uint64_t body_bytes, std::chrono::milliseconds stall) {
    Sent sent;
    if (response.fault->reset) {
        connection.reset();
        co_return sent;
    }
    net::const_buffer const nothing;
    std::size_t const head_taken = co_await connection.write(head, nothing, stall);
    if (head_taken < head.size()) co_return sent;

    FaultyBody body(connection, *response.fault, body_bytes, stall);
    bool more = body_bytes > 0 && !body.cut();
    bool at_end = !more;
    while (more) {
        BodyStep const step = next_step(stream_of(response));
        at_end = step.at_end;
        if (!step.piece) break;
        more = co_await body.send(*step.piece);
    }
    sent.body_bytes = body.sent_bytes();
    sent.whole = at_end && body.all_sent();
    sent.cut = body.cut();
    if (sent.cut) connection.shutdown_send();
    co_return sent;
}

}  // namespace firn::http
