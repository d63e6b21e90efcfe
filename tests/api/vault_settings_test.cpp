// What a vault carries besides archives: tags, a notification configuration, an access policy.
#include <doctest/doctest.h>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char missing[] = "400 MissingParameterValueException: ";
constexpr char serialization[] = "400 SerializationException: ";
constexpr char notification_configuration[] = "/-/vaults/photos/notification-configuration";
constexpr char access_policy[] = "/-/vaults/photos/access-policy";
constexpr char topic[] = "arn:aws:sns:us-east-1:000000000000:done";
constexpr char vault_arn[] = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";

std::string policy_text(std::string const& effect = "Allow") {
    json const statement = {
        {"Effect", effect}, {"Principal", "*"}, {"Action", "glacier:*"}, {"Resource", vault_arn}};
    return json{{"Version", "2012-10-17"}, {"Statement", {statement}}}.dump();
}

struct Vault : Api {
    Vault() { create_vault("photos"); }

    RawReply tag_call(std::string const& operation, json const& body) {
        return call("POST", "/-/vaults/photos/tags?operation=" + operation, body.dump());
    }
    RawReply add(json const& tags) { return tag_call("add", {{"Tags", tags}}); }
    RawReply add(std::string const& key, std::string const& value) { return add(json{{key, value}}); }
    RawReply remove(json const& keys) { return tag_call("remove", {{"TagKeys", keys}}); }
    json tags() { return json::parse(call("GET", "/-/vaults/photos/tags").body)["Tags"]; }
    // `count` tags whose names begin with `first`.
    json many(int count, int first = 0) {
        json tags = json::object();
        for (int i = first; i < first + count; ++i) tags["key " + std::to_string(i)] = "value";
        return tags;
    }
    RawReply notify(json const& configuration) {
        return call("PUT", notification_configuration, configuration.dump());
    }
    RawReply set_policy(json const& policy) {
        return call("PUT", access_policy, json{{"Policy", policy}}.dump());
    }
    void recreate() {
        CHECK(call("DELETE", "/-/vaults/photos").status == 204);
        create_vault("photos");
    }
};

}  // namespace

TEST_CASE_FIXTURE(Vault, "tags are added, overwritten and removed, and none are an empty object") {
    auto const none = call("GET", "/-/vaults/photos/tags");
    CHECK(none.status == 200);
    CHECK(none.field("Content-Type") == "application/json");
    CHECK(none.body == R"({"Tags":{}})");
    auto const added = add(json{{"colour", "red"}, {"size", ""}});
    CHECK(added.status == 204);
    CHECK(added.body.empty());
    CHECK(add("colour", "blue").status == 204);
    CHECK(add("Colour", "green").status == 204);
    CHECK(tags() == json{{"Colour", "green"}, {"colour", "blue"}, {"size", ""}});
    CHECK(remove(json::array({"colour", "never set"})).status == 204);
    CHECK(remove(json::array({"colour"})).status == 204);
    CHECK(tags() == json{{"Colour", "green"}, {"size", ""}});
}

TEST_CASE_FIXTURE(Vault, "one call adds or removes one to ten tags") {
    CHECK(error_text(add(many(11))).starts_with(invalid));
    CHECK(error_text(add(json::object())).starts_with(invalid));
    CHECK(tags().empty());
    CHECK(add(many(10)).status == 204);
    json keys = json::array();
    auto const eleven = many(11);
    for (auto const& tag : eleven.items()) keys.push_back(tag.key());
    CHECK(error_text(remove(keys)).starts_with(invalid));
    CHECK(error_text(remove(json::array())).starts_with(invalid));
    CHECK(tags().size() == 10);
    keys.erase(2);  // in the order of the keys this is "key 10", which was refused
    CHECK(remove(keys).status == 204);
    CHECK(tags().empty());
}

TEST_CASE_FIXTURE(Vault, "the fifty-first tag is refused with all that came with it") {
    for (int i = 0; i < 45; i += 9) CHECK(add(many(9, i)).status == 204);
    CHECK(error_text(add(many(6, 45))).starts_with("400 LimitExceededException: "));
    CHECK(tags().size() == 45);
    CHECK(add(many(5, 45)).status == 204);
    // One that is there already does not count again.
    CHECK(add("key 0", "another value").status == 204);
    CHECK(error_text(add(json{{"key 1", "changed"}, {"one more", ""}}))
              .starts_with("400 LimitExceededException: "));
    CHECK(tags().size() == 50);
    CHECK(tags()["key 0"] == "another value");
    CHECK(tags()["key 1"] == "value");
}

TEST_CASE_FIXTURE(Vault, "a tag is of letters, digits, spaces and a few signs, and not too long") {
    CHECK(add("aZ 09_./=+-@", "aZ 09_./=+-@").status == 204);
    CHECK(add(std::string(128, 'k'), std::string(255, 'v')).status == 204);
    CHECK(tags().size() == 2);
    for (auto const& key : {std::string(), std::string(129, 'k'), std::string("a:b"), std::string("a,b"),
                            std::string("a\tb"), std::string("a\nb"), std::string("a*")}) {
        CAPTURE(key);
        CHECK(error_text(add(key, "value")).starts_with(invalid));
    }
    for (auto const& value : {std::string(256, 'v'), std::string("a:b"), std::string("a&b")}) {
        CAPTURE(value);
        CHECK(error_text(add("key", value)).starts_with(invalid));
    }
    // One bad tag spoils the call.
    CHECK(error_text(add(json{{"good", ""}, {"b@d!", ""}})).starts_with(invalid));
    CHECK(tags().size() == 2);
}

TEST_CASE_FIXTURE(Vault, "a key does not begin with aws: in any case") {
    for (std::string const key : {"aws:x", "AWS:x", "Aws:x", "aws:"}) {
        CAPTURE(key);
        CHECK(error_text(add(key, "value")).starts_with(invalid));
    }
    CHECK(add("aws", "value").status == 204);
    CHECK(add("awsome", "value").status == 204);
}

TEST_CASE_FIXTURE(Vault, "a tag call of another shape is refused, and says what is missing or wrong") {
    CHECK(error_text(add(json{{"key", 5}})).starts_with(serialization));
    CHECK(error_text(add(json{{"key", nullptr}})).starts_with(serialization));
    CHECK(error_text(add(json::array({"key"}))).starts_with(serialization));
    CHECK(error_text(remove("key")).starts_with(serialization));
    CHECK(error_text(remove(json::array({5}))).starts_with(serialization));
    CHECK(error_text(tag_call("add", json::object())).starts_with(missing));
    CHECK(error_text(tag_call("remove", {{"TagsKeys", {"key"}}})).starts_with(missing));
    CHECK(error_text(call("POST", "/-/vaults/photos/tags?operation=add")).starts_with(missing));
    for (std::string const query : {"", "?operation=", "?operation=set", "?operation=Add"}) {
        CAPTURE(query);
        CHECK(call("POST", "/-/vaults/photos/tags" + query, R"({"Tags":{"a":"b"}})").status == 400);
    }
    CHECK(tags().empty());
}

TEST_CASE_FIXTURE(Vault, "a notification configuration is set, replaced and deleted, and not wrapped") {
    auto const not_set =
        std::string("404 ResourceNotFoundException: No notification configuration is set for vault: ") +
        vault_arn;
    CHECK(error_text(call("GET", notification_configuration)) == not_set);
    auto const both =
        json{{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"}}};
    auto const set = notify(both);
    CHECK(set.status == 204);
    CHECK(set.body.empty());
    auto const reply = call("GET", notification_configuration);
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(json::parse(reply.body) == both);
    auto const other =
        json{{"SNSTopic", std::string(topic) + "2"}, {"Events", {"InventoryRetrievalCompleted"}}};
    CHECK(notify(other).status == 204);
    CHECK(json::parse(call("GET", notification_configuration).body) == other);
    CHECK(call("DELETE", notification_configuration).status == 204);
    CHECK(call("DELETE", notification_configuration).status == 204);
    CHECK(error_text(call("GET", notification_configuration)) == not_set);
}

TEST_CASE_FIXTURE(Vault, "a notification configuration needs a topic and known events") {
    auto const with = [&](json const& sns_topic, json const& events) {
        return error_text(notify({{"SNSTopic", sns_topic}, {"Events", events}}));
    };
    json const events = {"ArchiveRetrievalCompleted"};
    CHECK(error_text(notify({{"SNSTopic", topic}})).starts_with(missing));
    CHECK(error_text(notify({{"Events", events}})).starts_with(missing));
    CHECK(error_text(notify(json::object())).starts_with(missing));
    CHECK(error_text(call("PUT", notification_configuration)).starts_with(missing));
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
    CHECK(call("GET", notification_configuration).status == 404);
}

TEST_CASE_FIXTURE(Vault, "an access policy comes back as the string it was set as") {
    auto const not_set =
        std::string("404 ResourceNotFoundException: No vault access policy is set for: ") + vault_arn;
    CHECK(error_text(call("GET", access_policy)) == not_set);
    // Spaces and the order of the keys are not the server's to change.
    auto const text = "\n " + policy_text() + " ";
    auto const set = set_policy(text);
    CHECK(set.status == 204);
    CHECK(set.body.empty());
    auto const reply = call("GET", access_policy);
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(json::parse(reply.body) == json{{"Policy", text}});
    CHECK(set_policy(policy_text("Deny")).status == 204);
    CHECK(json::parse(call("GET", access_policy).body)["Policy"] == policy_text("Deny"));
    CHECK(call("DELETE", access_policy).status == 204);
    CHECK(call("DELETE", access_policy).status == 204);
    CHECK(error_text(call("GET", access_policy)) == not_set);
}

TEST_CASE_FIXTURE(Vault, "what is no policy for this vault is refused, and the old one stays") {
    CHECK(set_policy(policy_text()).status == 204);
    auto foreign = json::parse(policy_text());
    foreign["Statement"][0]["Resource"] = "arn:aws:glacier:us-east-1:000000000000:vaults/other";
    auto anonymous = json::parse(policy_text());
    anonymous["Statement"][0].erase("Principal");
    for (auto const& text : {std::string(), std::string("{"), std::string("{}"), std::string("[]"),
                             policy_text("Perhaps"), foreign.dump(), anonymous.dump()}) {
        CAPTURE(text);
        CHECK(error_text(set_policy(text)).starts_with(invalid));
    }
    CHECK(error_text(set_policy(json::parse(policy_text()))).starts_with(serialization));
    CHECK(error_text(set_policy(nullptr)).starts_with(missing));
    CHECK(error_text(call("PUT", access_policy)).starts_with(missing));
    CHECK(json::parse(call("GET", access_policy).body)["Policy"] == policy_text());
}

TEST_CASE_FIXTURE(Vault, "an access policy may have 20 KiB and no byte more") {
    auto const text = policy_text();
    auto const largest = text + std::string(20'480 - text.size(), ' ');
    CHECK(set_policy(largest).status == 204);
    CHECK(error_text(set_policy(largest + " ")).starts_with(invalid));
    CHECK(json::parse(call("GET", access_policy).body)["Policy"].get<std::string>().size() == 20'480);
}

TEST_CASE_FIXTURE(Vault, "a vault that is absent has no settings to read or change") {
    auto const notification = json{{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted"}}}.dump();
    auto text = policy_text();
    text.replace(text.find("photos"), 6, "nope");
    auto const policy = json{{"Policy", text}}.dump();
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
    CHECK(add("colour", "red").status == 204);
    CHECK(notify({{"SNSTopic", topic}, {"Events", {"ArchiveRetrievalCompleted"}}}).status == 204);
    CHECK(set_policy(policy_text()).status == 204);
    create_vault("other");
    CHECK(call("GET", "/-/vaults/other/tags").body == R"({"Tags":{}})");
    CHECK(call("GET", "/-/vaults/other/notification-configuration").status == 404);
    CHECK(call("GET", "/-/vaults/other/access-policy").status == 404);
    recreate();
    CHECK(tags().empty());
    CHECK(call("GET", notification_configuration).status == 404);
    CHECK(call("GET", access_policy).status == 404);
}
