// Small values out of headers, queries and bodies: ranges, dates, numbers, page limits, markers, durations,
// sizes. What one of these parsers takes means the same when it is written anew, and lies within its bounds.
#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include "server/glacier/byte_range.hpp"
#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/paging.hpp"
#include "server/text/duration.hpp"
#include "server/text/number.hpp"
#include "server/text/size.hpp"
#include "server/text/timestamp.hpp"
#include "server/text/wildcard.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace firn::fuzz {
namespace {
using storage::ByteRange;

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string text_of(ByteRange range) {
    return std::to_string(range.first) + '-' + std::to_string(range.last);
}

void check_number(std::string_view text) {
    auto const number = text::parse_number(text);
    FUZZ_CHECK(!number || is_number(text));
    if (!number) return;
    auto const zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
    FUZZ_CHECK(std::to_string(*number) == text.substr(zeros));
}

void check_ranges(std::string_view text) {
    if (auto const range = glacier::parse_range(text)) {
        FUZZ_CHECK(range->first <= range->last);
        FUZZ_CHECK(glacier::parse_range(text_of(*range)) == range);
        auto const content_range = glacier::parse_content_range("bytes " + std::string(text) + "/*");
        constexpr std::uint64_t last_max = std::numeric_limits<std::int64_t>::max();
        FUZZ_CHECK(content_range == (range->last <= last_max ? range : std::nullopt));
    }
    if (auto const range = glacier::parse_content_range(text)) {
        FUZZ_CHECK(range->first <= range->last && range->size_bytes() > 0);
        FUZZ_CHECK(glacier::parse_content_range("bytes " + text_of(*range) + "/*") == range);
    }
}

// What RFC 9110 says of one range, digit by digit; nothing for what is to be ignored.
std::optional<ByteRange> expected_range(std::string_view header, std::uint64_t size_bytes, bool& is_beyond) {
    if (!header.starts_with("bytes=")) return std::nullopt;
    auto const text = header.substr(6);
    auto const dash = text.find('-');
    if (dash == text.npos) return std::nullopt;
    auto const before = text::parse_number(text.substr(0, dash));
    auto const after = text::parse_number(text.substr(dash + 1));
    bool const has_before = dash > 0;
    bool const has_after = dash + 1 < text.size();
    if (has_before != before.has_value() || has_after != after.has_value() || (!before && !after)) return {};
    if (!before && *after == 0) return std::nullopt;
    if (before && after && *before > *after) return std::nullopt;
    auto const first = before ? *before : size_bytes - std::min(*after, size_bytes);
    is_beyond = first >= size_bytes;
    if (is_beyond) return std::nullopt;
    return ByteRange{first, before && after ? std::min(*after, size_bytes - 1) : size_bytes - 1};
}

void check_requested_range(std::string_view header, std::uint64_t size_bytes) {
    bool is_beyond = false;
    auto const expected = expected_range(header, size_bytes, is_beyond);
    try {
        auto const range = glacier::requested_range(header, size_bytes);
        FUZZ_CHECK(!is_beyond);
        FUZZ_CHECK(range == expected);
    } catch (glacier::ServiceError const& error) {
        FUZZ_CHECK(is_beyond && error.status >= 400 && error.status < 500);
    }
}

void check_date(std::string_view text) {
    auto const time = text::parse_timestamp(text);
    if (!time) return;
    FUZZ_CHECK(text::parse_time(text) == time);
    FUZZ_CHECK(text.size() >= 20 && text[4] == '-' && text[10] == 'T');
    auto const day = std::chrono::floor<std::chrono::days>(*time);
    auto const year = std::chrono::year_month_day(day).year();
    FUZZ_CHECK(year >= std::chrono::year(-1) && year <= std::chrono::year(10'000));
    // Written in UTC a date can leave the four digits that years have.
    if (year < std::chrono::year(0) || year > std::chrono::year(9999)) return;
    FUZZ_CHECK(text::parse_timestamp(text::format_milliseconds(*time)) == time);
    FUZZ_CHECK(text::parse_timestamp(text::format_seconds(*time)) ==
               std::chrono::floor<std::chrono::seconds>(*time));
    FUZZ_CHECK(text::format_http_date(*time).size() == 29);
    // In UTC the text begins as it will be written.
    bool const is_utc = text.ends_with('Z');
    FUZZ_CHECK(!is_utc || text::format_seconds(*time).substr(0, 19) == text.substr(0, 19));
}

void check_limit(std::string_view text) {
    constexpr std::size_t maximum = 50;
    http::Target const target{{}, {{"limit", std::string(text)}}};
    std::uint64_t number = 0;
    bool const is_small = std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
    bool const is_valid = text.empty() || (is_number(text) && !(is_small && number == 0));
    try {
        auto const limit = glacier::page_limit(target, maximum);
        FUZZ_CHECK(is_valid);
        FUZZ_CHECK(limit == (!text.empty() && is_small ? std::min<std::uint64_t>(number, maximum) : maximum));
    } catch (glacier::ServiceError const& error) {
        FUZZ_CHECK(!is_valid && error.status == 400);
    }
}

void check_marker(std::string_view text) {
    static glacier::Random const random("fuzz");
    if (auto const place = random.place_of(text, "jobs", 7)) {
        FUZZ_CHECK(random.marker("jobs", 7, *place) == text);
        FUZZ_CHECK(!random.place_of(text, "jobs", 8) && !random.place_of(text, "parts", 7));
    }
    std::int64_t place = 0;
    for (auto const c : text.substr(0, 8)) place = place << 8 | static_cast<unsigned char>(c);
    place &= std::numeric_limits<std::int64_t>::max();
    auto marker = random.marker("jobs", 7, place);
    FUZZ_CHECK(random.place_of(marker, "jobs", 7) == place);
    auto& changed = marker[Dice(text).roll(marker.size())];
    changed = changed == '0' ? '1' : '0';
    FUZZ_CHECK(!random.place_of(marker, "jobs", 7));
}

void check_amounts(std::string const& text) {
    auto const duration = text::parse_duration(text);
    FUZZ_CHECK(!duration || (duration->count() >= 0 && duration->count() <= 1'000'000'000'000'000));
    FUZZ_CHECK(!duration || text::parse_duration(std::to_string(duration->count()) + "ms") == duration);
    FUZZ_CHECK(!duration || text::parse_duration(text::format_duration(*duration)) == duration);
    auto const range = text::parse_duration_range(text);
    FUZZ_CHECK(!range || range->min <= range->max);
    FUZZ_CHECK(!duration || range == text::DurationRange(*duration));
    auto const size_bytes = text::parse_size(text);
    FUZZ_CHECK(!size_bytes || *size_bytes <= 1'000'000'000'000'000'000);
    // Sizes are read as floating point, which keeps 53 bits.
    bool const is_exact = size_bytes && *size_bytes < std::uint64_t{1} << 53;
    FUZZ_CHECK(!is_exact || text::parse_size(std::to_string(*size_bytes)) == size_bytes);
}

void check_texts(std::string_view text) {
    FUZZ_CHECK(text::matches_wildcard("*", text));
    FUZZ_CHECK(text::matches_wildcard(std::string(text.size(), '?'), text));
    FUZZ_CHECK(!text::matches_wildcard(std::string(text.size() + 1, '?') + "*", text));
    FUZZ_CHECK(text::matches_wildcard(text, text));
    auto const half = text.substr(0, text.size() / 2);
    FUZZ_CHECK(text::matches_wildcard(std::string(half) + "*", text));
    FUZZ_CHECK(glacier::is_vault_name(text) ==
               (!text.empty() && text.size() <= 255 &&
                text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
                    text.npos));
    auto const digest = storage::sha256(std::as_bytes(std::span(text)));
    auto hex = storage::to_hex(digest);
    FUZZ_CHECK(glacier::is_same_hash(hex, digest) && !glacier::is_same_hash(text, digest));
    std::transform(hex.begin(), hex.end(), hex.begin(), [](char c) { return c >= 'a' ? char(c - 32) : c; });
    FUZZ_CHECK(glacier::is_same_hash(hex, digest));
}

}  // namespace

void try_input(std::string_view input) {
    if (input.size() > 4096) return;
    check_number(input);
    check_ranges(input);
    for (std::uint64_t const size_bytes : {0ul, 1ul, 5000ul, 1ul << 40, ~0ul})
        check_requested_range(input, size_bytes);
    check_date(input);
    check_limit(input);
    check_marker(input);
    check_amounts(std::string(input));
    check_texts(input);
}

}  // namespace firn::fuzz
