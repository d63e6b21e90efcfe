// The access policy of a vault: kept in the service's own form, if it is one.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char missing[] = "400 MissingParameterValueException: ";
constexpr char serialization[] = "400 SerializationException: ";

struct AccessPolicy : Vault {
    RawReply set_policy(json const& policy) { return call("PUT", at("access-policy"), policy_body(policy)); }
};

}  // namespace

TEST_CASE_FIXTURE(AccessPolicy, "an access policy is set, replaced and deleted") {
    // The name of the vault, not its ARN.
    auto const not_set =
        std::string("404 ResourceNotFoundException: No vault access policy is set for: photos");
    CHECK(error_text(call("GET", at("access-policy"))) == not_set);
    auto const set = set_policy("\n " + policy_text() + " ");
    CHECK(set.status == 204);
    CHECK(set.body.empty());
    auto const reply = call("GET", at("access-policy"));
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(json::parse(reply.body) == json{{"Policy", policy_text()}});
    CHECK(set_policy(policy_text({{"Effect", "Allow"}})).status == 204);
    CHECK(json::parse(call("GET", at("access-policy")).body)["Policy"] == policy_text({{"Effect", "Allow"}}));
    CHECK(call("DELETE", at("access-policy")).status == 204);
    CHECK(call("DELETE", at("access-policy")).status == 204);
    CHECK(error_text(call("GET", at("access-policy"))) == not_set);
}

TEST_CASE_FIXTURE(AccessPolicy, "what is no policy for this vault is refused, and the old one stays") {
    CHECK(set_policy(policy_text()).status == 204);
    auto foreign = json::parse(policy_text());
    foreign["Statement"][0]["Resource"] = "arn:aws:glacier:us-east-1:000000000000:vaults/other";
    auto anonymous = json::parse(policy_text());
    anonymous["Statement"][0].erase("Principal");
    for (auto const& text : {std::string(), std::string("{"), std::string("{}"), std::string("[]"),
                             policy_text({{"Effect", "Perhaps"}}), foreign.dump(), anonymous.dump()}) {
        CAPTURE(text);
        CHECK(error_text(set_policy(text)).starts_with(invalid));
    }
    CHECK(error_text(set_policy(json::parse(policy_text()))).starts_with(serialization));
    CHECK(error_text(set_policy(nullptr)).starts_with(missing));
    CHECK(error_text(call("PUT", at("access-policy"))).starts_with(missing));
    CHECK(json::parse(call("GET", at("access-policy")).body)["Policy"] == policy_text());
}

TEST_CASE_FIXTURE(AccessPolicy, "an access policy may have 20 KiB and no byte more") {
    auto const text = policy_text();
    auto const largest = text + std::string(20'480 - text.size(), ' ');
    CHECK(set_policy(largest).status == 204);
    CHECK(error_text(set_policy(largest + " ")).starts_with(invalid));
    CHECK(json::parse(call("GET", at("access-policy")).body)["Policy"] == text);
}

TEST_CASE_FIXTURE(AccessPolicy, "access and lock policies come back in the service's own form") {
    auto const sent = std::string(R"({"Statement": [{"Resource": ")") + vault_arn +
                      R"(", "Action": ["Glacier:ListJobs"], "Principal": {"AWS": ["*"]}, "Effect": "Allow",)"
                      R"( "Sid": "a b"}], "Version": "2012-10-17"})";
    auto const shown = std::string(R"({"Version":"2012-10-17","Statement":[{"Sid":"a b","Effect":"Allow",)"
                                   R"("Principal":{"AWS":["*"]},"Action":"Glacier:ListJobs","Resource":")") +
                       vault_arn + R"("}]})";
    CHECK(set_policy(sent).status == 204);
    CHECK(call("POST", at("lock-policy"), policy_body(sent)).status == 201);
    for (auto const* const setting : {"access-policy", "lock-policy"})
        CHECK(json::parse(call("GET", at(setting)).body)["Policy"] == shown);
}
