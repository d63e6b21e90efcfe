// The access policy of a vault: kept as it was sent, if it is one.
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

TEST_CASE_FIXTURE(AccessPolicy, "an access policy comes back as the string it was set as") {
    auto const not_set =
        std::string("404 ResourceNotFoundException: No vault access policy is set for: ") + vault_arn;
    CHECK(error_text(call("GET", at("access-policy"))) == not_set);
    // Spaces and the order of the keys are not the server's to change.
    auto const text = "\n " + policy_text() + " ";
    auto const set = set_policy(text);
    CHECK(set.status == 204);
    CHECK(set.body.empty());
    auto const reply = call("GET", at("access-policy"));
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(json::parse(reply.body) == json{{"Policy", text}});
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
    CHECK(json::parse(call("GET", at("access-policy")).body)["Policy"].get<std::string>().size() == 20'480);
}
