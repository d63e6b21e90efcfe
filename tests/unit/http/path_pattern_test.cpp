#include "server/http/path_pattern.hpp"

#include <doctest/doctest.h>

#include <vector>

using firn::http::match_path;

namespace {

bool matches(std::string_view pattern, std::vector<std::string> const& segments) {
    return match_path(pattern, segments);
}

// The parameters as `name=segment;`, in their order.
std::string parameters_of(std::string_view pattern, std::vector<std::string> const& segments) {
    std::string found;
    match_path(pattern, segments, [&](std::string_view name, std::string_view segment) {
        found.append(name).append("=").append(segment).append(";");
    });
    return found;
}

}  // namespace

TEST_CASE("a path fits a pattern segment by segment") {
    CHECK(matches("jobs", {"jobs"}));
    CHECK(matches("clock/set", {"clock", "set"}));
    CHECK_FALSE(matches("clock/set", {"clock"}));
    CHECK_FALSE(matches("clock", {"clock", "set"}));
    CHECK_FALSE(matches("clock/set", {"clock/set"}));
    CHECK_FALSE(matches("clock", {}));
    CHECK_FALSE(matches("clock", {"Clock"}));
}

TEST_CASE("a parameter stands for any one segment") {
    CHECK(matches("{account}/vaults/{vault}", {"-", "vaults", "v"}));
    CHECK(matches("{account}/vaults/{vault}", {"", "vaults", "a/b"}));
    CHECK_FALSE(matches("{account}/vaults/{vault}", {"-", "vaults"}));
    CHECK(parameters_of("{account}/vaults/{vault}", {"-", "vaults", "v"}) == "account=-;vault=v;");
    CHECK(parameters_of("jobs", {"jobs"}).empty());
}
