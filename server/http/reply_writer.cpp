#include "server/http/reply_writer.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>
#include <string_view>
#include <variant>

#include "server/http/faulty_reply.hpp"

namespace firn::http {

namespace {

// Replaces line ends: a line end in a value would let a client add fields of its own.
void append_text(std::string& out, std::string_view text) {
    auto const start = static_cast<std::ptrdiff_t>(out.size());
    out += text;
    std::replace_if(
        out.begin() + start, out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    append_text(out, name);
    out += ": ";
    append_text(out, value);
    out += "\r\n";
}

bool belongs_to_session(std::string_view name) {
    return beast::iequals(name, "content-length") || beast::iequals(name, "connection") ||
           beast::iequals(name, "transfer-encoding");
}

bool has_no_length(unsigned status) {
    return status < 200 || status == 204;
}
bool has_no_body(unsigned status) {
    return has_no_length(status) || status == 304;
}

Awaitable<Sent> write_stream(Connection& connection, BodyStream& stream, std::uint64_t size_bytes,
                             std::chrono::milliseconds stall) {
    Sent sent;
    for (;;) {
        BodyStep step = next_step(stream);
        if (!step.piece) {
            sent.whole = step.at_end && sent.body_bytes == size_bytes;
            co_return sent;
        }
        auto const piece_bytes = size_of(*step.piece);
        // The client would read bytes beyond the announced size as the next reply.
        if (piece_bytes > size_bytes - sent.body_bytes) co_return sent;
        std::uint64_t taken = 0;
        if (auto const* text = std::get_if<std::string>(&*step.piece)) {
            net::const_buffer const bytes(text->data(), text->size());
            net::const_buffer const nothing;
            taken = co_await connection.write(bytes, nothing, stall);
        } else {
            FileSlice const slice = std::get<FileSlice>(*step.piece);
            taken = co_await connection.send_file(slice, stall);
        }
        sent.body_bytes += taken;
        if (taken < piece_bytes) co_return sent;
    }
}

}  // namespace

std::string reply_head(Response const& response, std::uint64_t body_bytes, ReplyManner manner) {
    std::string head;
    head.reserve(512);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    auto const reason = beast::http::obsolete_reason(beast::http::int_to_status(response.status));
    head.append(reason.data(), reason.size());
    head += "\r\n";
    for (auto const& [name, value] : response.fields) {
        if (!belongs_to_session(name)) append_field(head, name, value);
    }
    if (!has_no_length(response.status)) append_field(head, "Content-Length", std::to_string(body_bytes));
    if (manner.close) {
        append_field(head, "Connection", "close");
    } else if (manner.to_http_1_0) {
        append_field(head, "Connection", "keep-alive");
    }
    head += "\r\n";
    return head;
}

Awaitable<Sent> write_reply(Connection& connection, Response& response, ReplyManner manner,
                            std::chrono::milliseconds stall) {
    Sent sent;
    auto const size_bytes = body_size(response);
    if (!size_bytes) co_return sent;
    auto const head = reply_head(response, *size_bytes, manner);
    bool const with_body = !manner.to_head && !has_no_body(response.status);
    auto const* const text = with_body ? std::get_if<std::string>(&response.body) : nullptr;

    net::const_buffer const head_bytes(head.data(), head.size());
    if (response.fault) {
        auto const faulty_bytes = with_body ? *size_bytes : 0;
        sent = co_await write_faulty_reply(connection, head_bytes, response, faulty_bytes, stall);
        co_return sent;
    }
    net::const_buffer const text_bytes =
        text ? net::const_buffer(text->data(), text->size()) : net::const_buffer();
    std::size_t const taken = co_await connection.write(head_bytes, text_bytes, stall);
    sent.body_bytes = taken > head.size() ? taken - head.size() : 0;
    sent.whole = taken == head_bytes.size() + text_bytes.size();
    if (!sent.whole || !with_body || text || *size_bytes == 0) co_return sent;

    BodyStream& stream = *std::get<std::unique_ptr<BodyStream>>(response.body);
    sent = co_await write_stream(connection, stream, *size_bytes, stall);
    co_return sent;
}

}  // namespace firn::http
