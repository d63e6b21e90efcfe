// What tags, notification configuration, access policy and lock of a vault have in common.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char topic[] = "arn:aws:sns:us-east-1:000000000000:done";

}  // namespace

TEST_CASE_FIXTURE(Vault, "a vault that is absent has no settings to read or change") {
    auto const notification = json{{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted"}}}.dump();
    auto text = policy_text();
    text.replace(text.find("photos"), 6, "nope");
    auto const policy = policy_body(text);
    struct Attempt {
        char const* method;
        std::string setting;
        std::string body;
    };
    Attempt const attempts[] = {
        {"GET", "tags", ""},
        {"POST", "tags?operation=add", R"({"Tags":{"a":"b"}})"},
        {"POST", "tags?operation=remove", R"({"TagKeys":["a"]})"},
        {"GET", "notification-configuration", ""},
        {"PUT", "notification-configuration", notification},
        {"DELETE", "notification-configuration", ""},
        {"GET", "access-policy", ""},
        {"PUT", "access-policy", policy},
        {"DELETE", "access-policy", ""},
    };
    for (auto const& attempt : attempts) {
        CAPTURE(attempt.method);
        CAPTURE(attempt.setting);
        CHECK(error_text(call(attempt.method, "/-/vaults/nope/" + attempt.setting, attempt.body)) ==
              "404 ResourceNotFoundException: Vault not found for ARN: "
              "arn:aws:glacier:us-east-1:000000000000:vaults/nope");
    }
}

TEST_CASE_FIXTURE(Vault, "settings go with their vault, and are of no other") {
    auto const configuration = json{{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted"}}};
    CHECK(call("POST", at("tags?operation=add"), R"({"Tags":{"colour":"red"}})").status == 204);
    CHECK(call("PUT", at("notification-configuration"), configuration.dump()).status == 204);
    CHECK(call("PUT", at("access-policy"), policy_body()).status == 204);
    create_vault("other");
    CHECK(call("GET", "/-/vaults/other/tags").body == R"({"Tags":{}})");
    CHECK(call("GET", "/-/vaults/other/notification-configuration").status == 404);
    CHECK(call("GET", "/-/vaults/other/access-policy").status == 404);
    CHECK(call("DELETE", vault_path).status == 204);
    create_vault("photos");
    CHECK(call("GET", at("tags")).body == R"({"Tags":{}})");
    CHECK(call("GET", at("notification-configuration")).status == 404);
    CHECK(call("GET", at("access-policy")).status == 404);
}

TEST_CASE_FIXTURE(Vault, "trap 36: deleting what was deleted is 204") {
    auto const archive = at("archives/") + upload("photos", "a photo");
    CHECK(call("PUT", at("access-policy"), policy_body()).status == 204);
    for (auto const& target : {archive, at("access-policy"), at("notification-configuration")}) {
        CAPTURE(target);
        CHECK(call("DELETE", target).status == 204);
        CHECK(call("DELETE", target).status == 204);
    }
}

TEST_CASE_FIXTURE(Vault, "trap 37: a policy is a string in JSON, not an object") {
    call("PUT", at("access-policy"), policy_body());
    call("POST", at("lock-policy"), policy_body());
    for (auto const& target : {at("access-policy"), at("lock-policy")}) {
        auto const policy = json::parse(call("GET", target).body)["Policy"];
        REQUIRE(policy.is_string());
        CHECK(policy == policy_text());
    }
}

TEST_CASE_FIXTURE(Vault, "field trap: a vault's settings are not wrapped, the data retrieval policy is") {
    call("PUT", at("access-policy"), policy_body());
    CHECK(json::parse(call("GET", at("access-policy")).body) == json::parse(policy_body()));
    auto const configuration = json{{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted"}}};
    call("PUT", at("notification-configuration"), configuration.dump());
    CHECK(json::parse(call("GET", at("notification-configuration")).body) == configuration);
    CHECK(json::parse(call("GET", "/-/policies/data-retrieval").body)["Policy"]["Rules"].size() == 1);
}
