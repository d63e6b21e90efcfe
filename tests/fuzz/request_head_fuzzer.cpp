// Bytes as a client sends them, through the parser of requests: in whatever pieces they come, the request is
// the same, and its parts are what a request may have.
#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstring>
#include <functional>
#include <string>

#include "server/http/request_parser.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace firn::fuzz {
namespace {
using http::RequestParser;

// Small, so that heads beyond it are found.
constexpr std::size_t header_bytes_max = 1024;

enum class End { complete, unfinished, refused };

struct Parsed {
    End end = End::unfinished;
    bool head_done = false;
    http::RequestHead head;
    bool keep_alive = false;
    bool expects_continue = false;
    bool http_1_0 = false;
    std::string body;
    std::size_t unused_bytes = 0;  // behind the request
};

// One parse(); false when there is to be no other before more bytes have come.
bool step(RequestParser& parser, boost::beast::flat_buffer& buffer, Parsed& parsed) {
    auto const before = buffer.size();
    auto const result = parser.parse(buffer);
    if (result == RequestParser::Result::malformed || result == RequestParser::Result::too_large) {
        parsed.end = End::refused;
        return false;
    }
    if (!parsed.head_done && parser.head_done()) {
        parsed.head_done = true;
        FUZZ_CHECK(parser.piece().empty());
        parsed.keep_alive = parser.keep_alive();
        parsed.expects_continue = parser.expects_continue();
        parsed.http_1_0 = parser.http_1_0();
        parsed.head = parser.take_head();
    }
    if (result == RequestParser::Result::starved) return false;
    auto const piece = parser.piece();
    parsed.body.append(reinterpret_cast<char const*>(piece.data()), piece.size());
    if (parser.done()) {
        parsed.end = End::complete;
        return false;
    }
    // Otherwise the session would go round for ever.
    FUZZ_CHECK(buffer.size() < before || !piece.empty());
    return buffer.size() > 0;
}

Parsed parse(std::string_view input, std::function<std::size_t()> const& piece_bytes) {
    RequestParser parser(header_bytes_max);
    boost::beast::flat_buffer buffer;
    Parsed parsed;
    while (!input.empty() && parsed.end == End::unfinished) {
        auto const piece = input.substr(0, std::max<std::size_t>(piece_bytes(), 1));
        input.remove_prefix(piece.size());
        std::memcpy(buffer.prepare(piece.size()).data(), piece.data(), piece.size());
        buffer.commit(piece.size());
        while (step(parser, buffer, parsed)) {
        }
    }
    parsed.unused_bytes = buffer.size() + input.size();
    return parsed;
}

bool is_equal(http::RequestHead const& a, http::RequestHead const& b) {
    return a.method == b.method && a.target == b.target && a.content_length == b.content_length &&
           std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end());
}

bool is_single_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void check_head(Parsed const& parsed) {
    auto const& head = parsed.head;
    FUZZ_CHECK(!head.method.empty() && !head.target.empty());
    FUZZ_CHECK(
        std::all_of(head.method.begin(), head.method.end(), [](char c) { return c > ' ' && c < 0x7f; }));
    FUZZ_CHECK(std::none_of(head.target.begin(), head.target.end(), [](char c) { return c == ' '; }));
    FUZZ_CHECK(is_single_line(head.target));
    std::size_t size_bytes = head.method.size() + head.target.size();
    for (auto const& [name, value] : head.fields) {
        FUZZ_CHECK(!name.empty() && name.find(':') == name.npos && is_single_line(name));
        FUZZ_CHECK(is_single_line(value));
        FUZZ_CHECK(head.fields.find(name).has_value());
        size_bytes += name.size() + value.size();
    }
    FUZZ_CHECK(size_bytes < header_bytes_max);
    FUZZ_CHECK(!parsed.http_1_0 || (!parsed.expects_continue && head.content_length));
    // Only one of the two may say where the body ends.
    FUZZ_CHECK(head.fields.find("Transfer-Encoding").has_value() == !head.content_length.has_value());
    FUZZ_CHECK(head.content_length || !head.fields.find("Content-Length"));
}

}  // namespace

void try_input(std::string_view input) {
    auto const whole = parse(input, [&] { return input.size(); });
    if (whole.head_done) check_head(whole);
    if (whole.end == End::complete && whole.head.content_length) {
        FUZZ_CHECK(whole.body.size() == *whole.head.content_length);
    }

    Dice dice(input);
    for (std::uint64_t const size_max : {1, 7, 300}) {
        auto const pieces = parse(input, [&] { return dice.roll(size_max) + 1; });
        // What is broken may show sooner in pieces, but only what is whole is served.
        FUZZ_CHECK((pieces.end == End::complete) == (whole.end == End::complete));
        if (pieces.end == End::refused || whole.end == End::refused) continue;
        FUZZ_CHECK(pieces.head_done == whole.head_done);
        FUZZ_CHECK(is_equal(pieces.head, whole.head));
        FUZZ_CHECK(pieces.keep_alive == whole.keep_alive);
        FUZZ_CHECK(pieces.expects_continue == whole.expects_continue);
        if (pieces.end == End::unfinished) continue;
        FUZZ_CHECK(pieces.body == whole.body);
        FUZZ_CHECK(pieces.unused_bytes == whole.unused_bytes);
    }
}

}  // namespace firn::fuzz
