#include "server/control/known_names.hpp"

#include <doctest/doctest.h>

#include "server/control/refusal.hpp"

using namespace firn::control;

namespace {

template <typename Check>
std::string refusal_of(Check check) {
    try {
        check();
        return "";
    } catch (Refusal const& refusal) {
        return refusal.message;
    }
}

}  // namespace

TEST_CASE("the most similar name is suggested first, and all are named") {
    CHECK(suggestion("blak", {"white", "black", "blue"}) == "did you mean black? The others are blue, white");
    // Case does not count.
    CHECK(suggestion("WHITE", {"black", "white"}).starts_with("did you mean white?"));
    CHECK(suggestion("", {"black", "white"}).starts_with("did you mean black?"));
}

TEST_CASE("a pattern must match an operation, with its spelling") {
    auto const refusal = [](std::string_view pattern) {
        return refusal_of([&] { check_operation_pattern(pattern); });
    };
    for (auto const* const known : {"DeleteArchive", "*Archive", "List*", "*", "?istJobs"})
        CHECK(refusal(known) == "");
    CHECK(refusal("DeleteArchiv")
              .starts_with("no operation matches DeleteArchiv; did you mean DeleteArchive?"));
    CHECK(refusal("describevault").find("did you mean DescribeVault?") != std::string::npos);
    CHECK(refusal("delete*").starts_with("no operation matches delete*; "));
    CHECK(refusal("").starts_with("no operation matches ; "));
    CHECK(refusal(std::string(1 << 20, 'x')).starts_with("no operation matches xx"));
}

TEST_CASE("a pattern must match a name that a vault can have") {
    auto const refusal = [](std::string_view pattern) {
        return refusal_of([&] { check_vault_pattern(pattern); });
    };
    for (auto const* const possible : {"photos", "*", "p?", "**", "a.b-c_d*"}) CHECK(refusal(possible) == "");
    CHECK(refusal("*" + std::string(255, 'v')) == "");
    for (auto const& impossible :
         {std::string("a b"), std::string("a/b*"), std::string(), std::string(256, 'v')})
        CHECK(refusal(impossible).starts_with("no vault can have the name " + impossible));
}

TEST_CASE("accounts and regions must be possible") {
    CHECK(refusal_of([] { check_owner("111122223333", "eu-west-1"); }) == "");
    CHECK(refusal_of([] { check_owner({}, {}); }) == "");
    CHECK(refusal_of([] { check_owner("11112222333", {}); }) == "account must be 12 digits, not 11112222333");
    CHECK(refusal_of([] { check_owner({}, "*"); }) == "region must be a name like us-east-1, not *");
}
