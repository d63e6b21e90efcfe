// The notification configuration of a vault.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char missing[] = "400 MissingParameterValueException: ";
constexpr char serialization[] = "400 SerializationException: ";
constexpr char topic[] = "arn:aws:sns:us-east-1:000000000000:done";

struct Notifications : Vault {
    RawReply notify(json const& configuration) {
        return call("PUT", at("notification-configuration"), configuration.dump());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Notifications,
                  "a notification configuration is set, replaced and deleted, and not wrapped") {
    auto const not_set =
        std::string("404 ResourceNotFoundException: No notification configuration is set for vault: ") +
        vault_arn;
    CHECK(error_text(call("GET", at("notification-configuration"))) == not_set);
    auto const both =
        json{{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"}}};
    auto const set = notify(both);
    CHECK(set.status == 204);
    CHECK(set.body.empty());
    auto const reply = call("GET", at("notification-configuration"));
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(json::parse(reply.body) == both);
    auto const other =
        json{{"SNSTopic", std::string(topic) + "2"}, {"Events", {"InventoryRetrievalCompleted"}}};
    CHECK(notify(other).status == 204);
    CHECK(json::parse(call("GET", at("notification-configuration")).body) == other);
    CHECK(call("DELETE", at("notification-configuration")).status == 204);
    CHECK(call("DELETE", at("notification-configuration")).status == 204);
    CHECK(error_text(call("GET", at("notification-configuration"))) == not_set);
}

TEST_CASE_FIXTURE(Notifications, "an event that is named twice is kept once") {
    CHECK(notify(
              {{"SNSTopic", topic},
               {"Events",
                {"InventoryRetrievalCompleted", "ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"}}})
              .status == 204);
    CHECK(json::parse(call("GET", at("notification-configuration")).body)["Events"] ==
          json{"InventoryRetrievalCompleted", "ArchiveRetrievalCompleted"});
}

TEST_CASE_FIXTURE(Notifications, "a topic of another Region is refused, and the configuration stays") {
    json const events = {"ArchiveRetrievalCompleted"};
    CHECK(notify({{"SNSTopic", topic}, {"Events", events}}).status == 204);
    auto const other = std::string("arn:aws:sns:eu-west-1:000000000000:done");
    CHECK(error_text(notify({{"SNSTopic", other}, {"Events", events}})) ==
          invalid + ("SNS topics must be in the local AWS region: " + other));
    CHECK(json::parse(call("GET", at("notification-configuration")).body)["SNSTopic"] == topic);
}

TEST_CASE_FIXTURE(Notifications, "a notification configuration needs a topic and known events") {
    auto const with = [&](json const& sns_topic, json const& events) {
        return error_text(notify({{"SNSTopic", sns_topic}, {"Events", events}}));
    };
    json const events = {"ArchiveRetrievalCompleted"};
    CHECK(error_text(notify({{"SNSTopic", topic}})).starts_with(missing));
    CHECK(error_text(notify({{"Events", events}})).starts_with(missing));
    CHECK(error_text(notify(json::object())).starts_with(missing));
    CHECK(error_text(call("PUT", at("notification-configuration"))).starts_with(missing));
    CHECK(with(topic, json::array()).starts_with("400 "));
    CHECK(with(topic, json::array({"archiveretrievalcompleted"})).starts_with(invalid));
    CHECK(with(topic, json::array({"ArchiveRetrievalCompleted", "JobCompleted"})).starts_with(invalid));
    for (std::string const name : {"done", "arn:aws:sqs:us-east-1:000000000000:done", "arn:aws:sns:"}) {
        CAPTURE(name);
        CHECK(with(name, events).starts_with(invalid));
    }
    CHECK(with(topic, "ArchiveRetrievalCompleted").starts_with(serialization));
    CHECK(with(topic, json::array({5})).starts_with(serialization));
    CHECK(with(5, events).starts_with(serialization));
    CHECK(call("GET", at("notification-configuration")).status == 404);
}
