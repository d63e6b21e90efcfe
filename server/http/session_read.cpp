// The part of Session that reads: heads, bodies, and bytes that are dropped.
#include <algorithm>
#include <string_view>

#include "server/http/session.hpp"

namespace firn::http {

namespace {

// How much is read at a time for a head. Nearly every head fits; an idle connection keeps a buffer of this
// size.
constexpr std::size_t head_read_bytes = 4 << 10;
// How long a client has to close its side after the last reply, so that a reset does not destroy that reply.
constexpr std::chrono::milliseconds linger_max{1'000};
// How much the client may send in that time.
constexpr std::size_t linger_bytes_max = 8 << 20;

constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

// Nothing when more bytes must be read.
std::optional<Session::HeadEnd> Session::parse_head() {
    while (buffer_.size() > 0 && !parser_->head_done()) {
        auto const result = parser_->parse(buffer_);
        if (result == RequestParser::Result::malformed) return HeadEnd::malformed;
        if (result == RequestParser::Result::too_large) return HeadEnd::too_large;
        if (result == RequestParser::Result::starved) return std::nullopt;
    }
    if (parser_->head_done()) return HeadEnd::complete;
    return std::nullopt;
}

Awaitable<Session::HeadEnd> Session::read_head() {
    parser_.emplace(limits_.header_bytes_max);
    // A large buffer, which a body needed, is not kept while the connection is idle.
    if (buffer_.capacity() > 2 * head_read_bytes) buffer_.shrink_to_fit();
    bool first_byte_seen = false;
    for (;;) {
        auto const end = parse_head();
        if (end) co_return *end;
        bool const begun = parser_->started() || buffer_.size() > 0;
        if (!begun && stopping_) co_return HeadEnd::gone;
        if (!begun) connection_.deadline().set_after(limits_.idle_timeout);
        if (begun && !first_byte_seen) connection_.deadline().set_after(limits_.header_timeout);
        first_byte_seen = begun;
        idle_ = !begun;
        std::size_t const n = co_await connection_.read_some(buffer_, head_read_bytes);
        idle_ = false;
        if (n == 0 && begun && connection_.deadline().expired()) co_return HeadEnd::late;
        if (n == 0) co_return HeadEnd::gone;
    }
}

Awaitable<Session::BodyEnd> Session::read_body(GuardedExchange& exchange, bool& owes_continue) {
    if (!exchange.admits(exchange.announced_bytes().value_or(0))) co_return BodyEnd::too_large;
    auto const start = SteadyClock::now();
    for (;;) {
        auto const end = parse_body(exchange);
        if (exchange.received_bytes() > 0) owes_continue = false;
        if (end) co_return *end;
        if (owes_continue) {
            owes_continue = false;
            net::const_buffer const go_on(continue_head.data(), continue_head.size());
            net::const_buffer const nothing;
            std::size_t const sent = co_await connection_.write(go_on, nothing, limits_.write_timeout);
            if (sent < continue_head.size()) co_return BodyEnd::gone;
        }
        auto const wanted = body_bytes_wanted();
        if (wanted == 0) co_return BodyEnd::malformed;
        connection_.deadline().set(body_deadline(start, exchange.received_bytes()));
        std::size_t const n = co_await connection_.read_some(buffer_, wanted);
        if (n == 0 && connection_.deadline().expired()) co_return BodyEnd::late;
        if (n == 0) co_return BodyEnd::gone;
    }
}

// Gives the bytes in the buffer to the exchange. Nothing when more bytes must be read.
std::optional<Session::BodyEnd> Session::parse_body(GuardedExchange& exchange) {
    while (buffer_.size() > 0 && !parser_->done()) {
        auto const result = parser_->parse(buffer_);
        if (result == RequestParser::Result::starved) return std::nullopt;
        if (result != RequestParser::Result::progress) return BodyEnd::malformed;
        auto const piece = parser_->piece();
        if (piece.empty()) continue;
        if (!exchange.admits(exchange.received_bytes() + piece.size())) return BodyEnd::too_large;
        if (!exchange.receive(piece)) return BodyEnd::unwanted;
    }
    if (parser_->done()) return BodyEnd::complete;
    return std::nullopt;
}

// How much of the body to read next; 0 when the buffer is full of bytes that are not a piece of the body.
std::size_t Session::body_bytes_wanted() const {
    auto const free = limits_.body_piece_bytes - std::min(limits_.body_piece_bytes, buffer_.size());
    auto const rest = parser_->remaining_bytes();
    if (!rest || *rest > free) return free;
    return static_cast<std::size_t>(*rest);
}

SteadyClock::time_point Session::body_deadline(SteadyClock::time_point start,
                                               std::uint64_t received_bytes) const {
    auto const silent = SteadyClock::now() + limits_.body_timeout;
    if (limits_.body_rate_min_bytes == 0) return silent;
    std::chrono::milliseconds const earned(received_bytes * 1000 / limits_.body_rate_min_bytes);
    return std::min<SteadyClock::time_point>(silent, start + limits_.body_timeout + earned);
}

// Reads the rest of the body and drops it. True when the body ended within `wait`.
Awaitable<bool> Session::drop_body(SteadyClock::duration wait) {
    auto const until = SteadyClock::now() + wait;
    for (;;) {
        while (buffer_.size() > 0 && !parser_->done()) {
            auto const result = parser_->parse(buffer_);
            if (result == RequestParser::Result::starved) break;
            if (result != RequestParser::Result::progress) co_return false;
        }
        if (parser_->done()) co_return true;
        auto const wanted = body_bytes_wanted();
        if (wanted == 0) co_return false;
        connection_.deadline().set(until);
        std::size_t const n = co_await connection_.read_some(buffer_, wanted);
        if (n == 0) co_return false;
    }
}

// Closes the sending side and waits a moment for the client to close its side too.
Awaitable<void> Session::linger() {
    connection_.shutdown_send();
    auto const until = SteadyClock::now() + std::min(linger_max, limits_.drain_timeout);
    std::size_t dropped = 0;
    idle_ = true;
    for (bool open = !stopping_; open;) {
        buffer_.clear();
        connection_.deadline().set(until);
        std::size_t const n = co_await connection_.read_some(buffer_, head_read_bytes);
        dropped += n;
        open = n > 0 && dropped < linger_bytes_max && !stopping_;
    }
}

}  // namespace firn::http
