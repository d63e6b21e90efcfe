#include "server/http/target.hpp"

#include <doctest/doctest.h>

using firn::http::parse_absolute_target;
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

TEST_CASE("a target in absolute form is a host and a path") {
    auto const shown = [](std::string_view text) {
        auto const target = parse_absolute_target(text);
        return target ? target->authority + " " + target->path : "";
    };
    CHECK(shown("http://glacier.us-east-1.amazonaws.com/-/vaults?limit=1") ==
          "glacier.us-east-1.amazonaws.com /-/vaults?limit=1");
    CHECK(shown("HTTPS://[::1]:443/a//./..%2F") == "[::1]:443 /a//./..%2F");
    CHECK(shown("http://x:80") == "x:80 /");
    CHECK(shown("http://x?a=/b") == "x /?a=/b");
    CHECK(shown("http://x/?u=http://y/") == "x /?u=http://y/");
    for (auto const* const text :
         {"", "*", "/", "/-/vaults?marker=http://x/", "x:443", "http", "http:", "http:/x/", "http://",
          "http:///x", "http://?x", "ftp://x/", "http://user@x/", "http://user:secret@x/", "http://x:y/",
          "http://[::1/", "http://a b/", "://x/"}) {
        CAPTURE(text);
        CHECK(shown(text).empty());
    }
}
