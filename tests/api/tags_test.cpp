// Tags of vaults.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char missing[] = "400 MissingParameterValueException: ";
constexpr char serialization[] = "400 SerializationException: ";

struct Tags : Vault {
    RawReply tag_call(std::string const& operation, json const& body) {
        return call("POST", at("tags?operation=" + operation), body.dump());
    }
    RawReply add(json const& tags) { return tag_call("add", {{"Tags", tags}}); }
    RawReply add(std::string const& key, std::string const& value) { return add(json{{key, value}}); }
    RawReply remove(json const& keys) { return tag_call("remove", {{"TagKeys", keys}}); }
    json tags() { return json::parse(call("GET", at("tags")).body)["Tags"]; }
    // `count` tags whose names begin with `first`.
    json many(int count, int first = 0) {
        json tags = json::object();
        for (int i = first; i < first + count; ++i) tags["key " + std::to_string(i)] = "value";
        return tags;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Tags, "tags are added, overwritten and removed, and none are an empty object") {
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

TEST_CASE_FIXTURE(Tags, "one call adds or removes one to ten tags") {
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

TEST_CASE_FIXTURE(Tags, "the fifty-first tag is refused with all that came with it") {
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

TEST_CASE_FIXTURE(Tags, "a tag is of letters, digits, spaces and a few signs, and not too long") {
    CHECK(add("aZ 09_./=+-@:", "aZ 09_./=+-@:").status == 204);
    CHECK(add(std::string(128, 'k'), std::string(255, 'v')).status == 204);
    CHECK(tags().size() == 2);
    for (auto const& key : {std::string(), std::string(129, 'k'), std::string("a,b"), std::string("a\tb"),
                            std::string("a\nb"), std::string("a*")}) {
        CAPTURE(key);
        CHECK(error_text(add(key, "value")).starts_with(invalid));
    }
    for (auto const& value : {std::string(256, 'v'), std::string("a&b")}) {
        CAPTURE(value);
        CHECK(error_text(add("key", value)).starts_with(invalid));
    }
    // One bad tag spoils the call.
    CHECK(error_text(add(json{{"good", ""}, {"b@d!", ""}})).starts_with(invalid));
    CHECK(tags().size() == 2);
}

TEST_CASE_FIXTURE(Tags, "a key does not begin with aws: in any case") {
    for (std::string const key : {"aws:x", "AWS:x", "Aws:x", "aws:"}) {
        CAPTURE(key);
        CHECK(error_text(add(key, "value")).starts_with(invalid));
    }
    CHECK(add("aws", "value").status == 204);
    CHECK(add("awsome", "value").status == 204);
}

TEST_CASE_FIXTURE(Tags, "a tag call of another shape is refused, and says what is missing or wrong") {
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

TEST_CASE_FIXTURE(Tags, "field trap: a POST of tags does what its operation says, whatever the body holds") {
    auto const body = R"({"Tags":{"a":"b"},"TagKeys":["a"]})";
    CHECK(call("POST", at("tags?operation=add"), body).status == 204);
    CHECK(call("GET", at("tags")).body == R"({"Tags":{"a":"b"}})");
    CHECK(call("POST", at("tags?operation=remove"), body).status == 204);
    CHECK(call("GET", at("tags")).body == R"({"Tags":{}})");
    CHECK(call("POST", at("tags"), body).status == 400);
}
