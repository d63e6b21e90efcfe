#include "server/glacier/paging.hpp"

#include <doctest/doctest.h>

using namespace firn::glacier;

namespace {

std::string refusal_of_limit(std::string const& limit) {
    try {
        return std::to_string(page_limit(*firn::http::parse_target("/-/vaults?limit=" + limit), 10));
    } catch (ServiceError const& error) {
        return std::to_string(error.status) + " " + error.code;
    }
}

}  // namespace

// reference/glacier-api.md 2.1
TEST_CASE("a limit is clamped to the page, absent when empty, and refused when it is no positive integer") {
    CHECK(refusal_of_limit("3") == "3");
    CHECK(refusal_of_limit("10") == "10");
    CHECK(refusal_of_limit("1000") == "10");
    CHECK(refusal_of_limit("99999999999999999999999") == "10");
    CHECK(refusal_of_limit("") == "10");
    for (auto const* const limit : {"0", "-1", "x", "1.5", "5x", "%205", "-99999999999999999999999"}) {
        CAPTURE(limit);
        CHECK(refusal_of_limit(limit) == "400 InvalidParameterValueException");
    }
}

TEST_CASE("a row beyond the page is taken off and begins the next page") {
    std::vector<int> rows = {1, 2, 3};
    CHECK(cut_page(rows, 2) == 3);
    CHECK(rows == std::vector{1, 2});
    CHECK_FALSE(cut_page(rows, 2));
    CHECK(rows == std::vector{1, 2});
    rows.clear();
    CHECK_FALSE(cut_page(rows, 2));
}
