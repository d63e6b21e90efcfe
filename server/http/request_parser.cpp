#include "server/http/request_parser.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

#include "server/http/target.hpp"

namespace firn::http {

namespace {

constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool starts_a_method(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           token_marks.find(c) != std::string_view::npos;
}

// RFC 9112, 2.2: empty lines before a request line are ignored.
void skip_line_ends(beast::flat_buffer& buffer) {
    auto const* const bytes = static_cast<char const*>(buffer.data().data());
    std::size_t n = 0;
    while (n < buffer.size() && (bytes[n] == '\r' || bytes[n] == '\n')) ++n;
    buffer.consume(n);
}

}  // namespace

RequestParser::RequestParser(std::size_t header_bytes_max) : header_bytes_max_(header_bytes_max) {
    // Each parse() does one step, so that it stops between the head and the body.
    eager(false);
    auto const most = std::size_t{std::numeric_limits<std::uint32_t>::max()};
    header_limit(static_cast<std::uint32_t>(std::min(header_bytes_max, most)));
    body_limit(boost::none);
}

RequestParser::Result RequestParser::parse(beast::flat_buffer& buffer) {
    bool const in_head = !head_done();
    if (in_head && head_bytes_ == 0) {
        skip_line_ends(buffer);
        if (buffer.size() == 0) return Result::starved;
        // Bytes that are not HTTP, such as a TLS hello, are refused at once and not only when the head is
        // late.
        if (!starts_a_method(*static_cast<char const*>(buffer.data().data()))) return Result::malformed;
    }
    piece_ = {};
    error_code ec;
    auto const used = put(buffer.data(), ec);
    buffer.consume(used);
    if (in_head) {
        head_bytes_ += used;
        // Beast's header_limit applies to single lines when they arrive slowly, so the sum is checked here.
        auto const so_far = head_bytes_ + (head_done() ? 0 : buffer.size());
        if (ec == beast::http::error::header_limit || so_far > header_bytes_max_) return Result::too_large;
    }
    if (ec == beast::http::error::need_more) return Result::starved;
    return ec ? Result::malformed : Result::progress;
}

std::optional<std::uint64_t> RequestParser::remaining_bytes() const {
    if (done()) return 0;
    if (chunked()) return std::nullopt;
    return content_length_remaining().value_or(0);
}

void RequestParser::on_request_impl(beast::http::verb verb, string_view method, string_view target,
                                    int version, error_code&) {
    head_.method.assign(method.data(), method.size());
    if (auto absolute = parse_absolute_target({target.data(), target.size()})) {
        head_.target = std::move(absolute->path);
        head_.fields.add("Host", std::move(absolute->authority));
        target_names_host_ = true;
    } else {
        head_.target.assign(target.data(), target.size());
    }
    head_request_ = verb == beast::http::verb::head;
    version_ = version;
}

void RequestParser::on_field_impl(field name, string_view name_text, string_view value, error_code& ec) {
    if (head_done()) return;  // trailers of a chunked body
    // With any other coding the end of the body is unknown; a coding on HTTP/1.0 is an attempt at request
    // smuggling.
    if (name == field::transfer_encoding && (http_1_0() || !beast::iequals(value, "chunked"))) {
        ec = beast::http::error::bad_transfer_encoding;
        return;
    }
    // RFC 9112, 3.2.2: the host of the target counts, whatever the field says.
    if (name == field::host && target_names_host_) return;
    if (name == field::expect && beast::iequals(value, "100-continue")) expects_continue_ = true;
    head_.fields.add(std::string(name_text), std::string(value));
}

void RequestParser::on_header_impl(error_code&) {
    if (chunked()) {
        head_.content_length = std::nullopt;
    } else {
        head_.content_length = content_length().value_or(0);
    }
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
    piece_ = std::as_bytes(std::span(body.data(), body.size()));
    return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
    piece_ = std::as_bytes(std::span(body.data(), body.size()));
    return body.size();
}

}  // namespace firn::http
