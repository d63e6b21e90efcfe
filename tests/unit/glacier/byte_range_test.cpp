#include "server/glacier/byte_range.hpp"

#include <doctest/doctest.h>

#include "server/glacier/error.hpp"

using firn::glacier::parse_content_range;
using firn::glacier::parse_range;
using firn::glacier::requested_range;
using firn::glacier::ServiceError;
using firn::storage::ByteRange;

namespace {

constexpr std::uint64_t size_bytes = 1000;

std::optional<ByteRange> range(std::uint64_t first, std::uint64_t last) {
    return ByteRange{first, last};
}

std::string refusal_of(std::string_view header) {
    try {
        requested_range(header, size_bytes);
        return "";
    } catch (ServiceError const& error) {
        return std::to_string(error.status) + " " + error.code + ": " + error.message;
    }
}

}  // namespace

TEST_CASE("a range names its first and its last byte") {
    CHECK(parse_range("0-0") == range(0, 0));
    CHECK(parse_range("0-1048575") == range(0, 1'048'575));
    CHECK(parse_range("7-18446744073709551615") == range(7, 18'446'744'073'709'551'615u));
}

TEST_CASE("what is not two numbers in order is no range") {
    for (auto const* const text :
         {"", "-", "5", "5-", "-5", "5-4", "a-b", "0x0-9", "0-9 ", " 0-9", "0 - 9", "+0-9", "0--9", "0-9-12",
          "0-9,20-29", "0-18446744073709551616", "bytes=0-9"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_range(text));
    }
}

// Those refused are M9 of reference/glacier-api.md, seen from the service.
TEST_CASE("a part's Content-Range is bytes, a range, and a total that nobody looks at") {
    CHECK(parse_content_range("bytes 0-4194303/*") == range(0, 4'194'303));
    CHECK(parse_content_range("bytes 5-5/12") == range(5, 5));
    CHECK(parse_content_range("bytes 0-9223372036854775807/*") == range(0, INT64_MAX));
    for (auto const* const text :
         {"", "bytes 909994937-909994936/*", "bytes%200-4194303/*", "bytes 0-4194303", "bytes=0-4194303/*",
          "0-4194303/*", "bytes */*", "bytes 0-/*", "bytes 0-5/x", "bytes 0-5/", "bytes 0-5/**",
          "bytes  0-5/*", "bytes 0-9223372036854775808/*", "bytes 0-18446744073709551615/*"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_content_range(text));
    }
}

TEST_CASE("a Range header within the output is taken as it is") {
    CHECK(requested_range("bytes=0-999", size_bytes) == range(0, 999));
    CHECK(requested_range("bytes=10-10", size_bytes) == range(10, 10));
    CHECK(requested_range("bytes=999-999", size_bytes) == range(999, 999));
}

// reference/glacier-api.md, GetJobOutput: seen from the service for the forms without `bytes=`.
TEST_CASE("a Range header that is malformed is ignored") {
    for (auto const* const header :
         {"", "bytes 0-4194303/235812776", "0-100/493", "0-100", "bytes", "bytes=", "bytes=-", "bytes=-0",
          "bytes=9-8", "bytes=a-b", "bytes=0-1,5-6", "bytes=-1-5", "bytes=5--", "chunks=0-9"}) {
        CAPTURE(header);
        CHECK_FALSE(requested_range(header, size_bytes));
    }
}

// M25 of reference/glacier-api.md.
TEST_CASE("a range that begins behind the output is refused with 400, not 416") {
    auto const* const beginning =
        "400 InvalidParameterValueException: The start of the range is larger than size of retrieved data: ";
    CHECK(refusal_of("bytes=1000-1001") == std::string(beginning) + "bytes=1000-1001");
    CHECK(refusal_of("bytes=8388608-12582911") == std::string(beginning) + "bytes=8388608-12582911");
    CHECK(refusal_of("bytes=1000-") == std::string(beginning) + "bytes=1000-");
    CHECK(refusal_of("bytes=999-1000").empty());
}

// What firn does; the service's answer is not known.
TEST_CASE("the end of a range is cut to the output, and open ranges mean what they mean in HTTP") {
    CHECK(requested_range("bytes=990-5000", size_bytes) == range(990, 999));
    CHECK(requested_range("bytes=0-18446744073709551615", size_bytes) == range(0, 999));
    CHECK(requested_range("bytes=100-", size_bytes) == range(100, 999));
    CHECK(requested_range("bytes=-1", size_bytes) == range(999, 999));
    CHECK(requested_range("bytes=-300", size_bytes) == range(700, 999));
    CHECK(requested_range("bytes=-5000", size_bytes) == range(0, 999));
}
