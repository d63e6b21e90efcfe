// Turns bytes into a RequestHead and pieces of the body. Beast's basic_parser does the grammar. This class
// also splits targets in absolute form, limits the total size of the head and the transfer codings, and
// returns the body in place instead of copying it.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "server/http/message.hpp"
#include "server/http/net.hpp"

namespace firn::http {

// One for each request.
class RequestParser final : private beast::http::basic_parser<true> {
public:
    enum class Result {
        progress,  // some bytes were taken; see head_done(), piece() and done()
        starved,   // more bytes are needed
        malformed,
        too_large,  // the head exceeds header_bytes_max
    };

    explicit RequestParser(std::size_t header_bytes_max);

    // Takes bytes off the front of `buffer`, which must not be empty: as much of the head as is there, or one
    // piece of the body. Must not be called when done(), or after malformed or too_large.
    Result parse(beast::flat_buffer& buffer);

    bool started() const { return head_bytes_ > 0 || got_some(); }
    bool head_done() const { return is_header_done(); }
    bool done() const { return is_done(); }
    // The piece of the body that the last parse() found. Valid until the next read into the buffer.
    std::span<std::byte const> piece() const { return piece_; }

    // These are valid after head_done(). take_head() moves the head out.
    RequestHead take_head() { return std::move(head_); }
    bool is_head_request() const { return head_request_; }
    bool http_1_0() const { return version_ == 10; }
    bool keep_alive() const { return basic_parser::keep_alive(); }
    // Whether the client waits for "100 Continue" before it sends the body.
    bool expects_continue() const { return expects_continue_ && !http_1_0(); }
    // How many bytes of the body are still to come; nothing when the body is chunked.
    std::optional<std::uint64_t> remaining_bytes() const;

private:
    using string_view = beast::string_view;
    using field = beast::http::field;

    void on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                         error_code&) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(field name, string_view name_text, string_view value, error_code&) override;
    void on_header_impl(error_code&) override;
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}

    RequestHead head_;
    std::span<std::byte const> piece_;
    std::size_t header_bytes_max_;
    std::size_t head_bytes_ = 0;  // taken so far
    int version_ = 11;
    bool head_request_ = false;
    bool expects_continue_ = false;
    bool target_names_host_ = false;  // it was in absolute form
};

}  // namespace firn::http
