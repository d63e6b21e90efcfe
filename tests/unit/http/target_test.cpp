#include "server/http/target.hpp"

#include <doctest/doctest.h>

using firn::http::parse_target;

TEST_CASE("path and query are decoded") {
    CHECK(parse_target("/-/vaults/a%20b%C3%A9+c")->segments.back() == "a b\xc3\xa9+c");
    auto const target = parse_target("/-/vaults?marker=arn%3Aaws%3Aglacier&limit=&x=a+b%2B&flag");
    CHECK(target->parameter("marker") == "arn:aws:glacier");
    CHECK(target->parameter("x") == "a b+");
    CHECK_FALSE(target->parameter("limit"));
    CHECK_FALSE(target->parameter("flag"));
    CHECK_FALSE(target->parameter("absent"));
}

TEST_CASE("a target that is no path or wrongly encoded is none") {
    for (auto const* const text :
         {"", "*", "-/vaults", "/-/vaults/%", "/-/vaults/%4", "/-/vaults/%zz", "/-/vaults?x=%g0",
          "/-/vaults/a b", "/-/vaults#x", "/-/vaults/\x01", "/-/vaults/\xc3\xa9"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_target(text));
    }
}
