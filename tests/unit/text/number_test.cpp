#include "server/text/number.hpp"

#include <doctest/doctest.h>

using firn::text::parse_number;

TEST_CASE("a number is digits and nothing else") {
    CHECK(parse_number("0") == 0);
    CHECK(parse_number("007") == 7);
    CHECK(parse_number("18446744073709551615") == 18'446'744'073'709'551'615u);
    for (auto const* const text :
         {"", " ", "-", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "x", "1x", "18446744073709551616"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text));
    }
}

TEST_CASE("a signed number may have a minus sign, and must fit its type") {
    CHECK(parse_number<std::int64_t>("-9223372036854775808") == INT64_MIN);
    CHECK(parse_number<std::int64_t>("9223372036854775807") == INT64_MAX);
    CHECK_FALSE(parse_number<std::int64_t>("9223372036854775808"));
    CHECK_FALSE(parse_number<std::int64_t>("--1"));
    CHECK_FALSE(parse_number<std::int64_t>("+1"));
}

TEST_CASE("a number may have another base") {
    CHECK(parse_number<std::int64_t>("00000000000000ff", 16) == 255);
    CHECK_FALSE(parse_number<std::int64_t>("0x1", 16));
    CHECK_FALSE(parse_number<std::int64_t>("g", 16));
}
