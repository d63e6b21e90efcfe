// The vault lock: none, in progress for 24 hours at most, then locked for good.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char denied[] = "403 AccessDeniedException: ";
constexpr char not_found[] = "404 ResourceNotFoundException: ";

std::string policy_for_days(std::string const& days = "365") {
    return policy_text({{"Condition", {{"NumericLessThan", {{"glacier:ArchiveAgeInDays", days}}}}}});
}

struct Lock : Vault {
    RawReply try_begin(json const& policy = policy_for_days()) {
        return call("POST", at("lock-policy"), policy_body(policy));
    }
    // The lock id.
    std::string begin() { return try_begin().field("x-amz-lock-id").value(); }
    RawReply get() { return call("GET", at("lock-policy")); }
    json lock() { return json::parse(get().body); }
    RawReply complete(std::string const& id) { return call("POST", at("lock-policy/" + id)); }
    RawReply abort() { return call("DELETE", at("lock-policy")); }
};

}  // namespace

TEST_CASE_FIXTURE(Lock, "without a lock there is none to get or complete, and aborting does nothing") {
    CHECK(error_text(get()).starts_with(not_found));
    CHECK(error_text(complete("AAAAAAAAAAAAAAAAAAAAAAAA")).starts_with(not_found));
    CHECK(abort().status == 204);
    CHECK(error_text(get()).starts_with(not_found));
}

TEST_CASE_FIXTURE(Lock, "initiating gives an id that no other answer tells, and a lock in progress") {
    app().clock().set(std::chrono::sys_days(std::chrono::year(2020) / 2 / 28) + 10h + 7ms);
    auto const reply = try_begin(" " + policy_for_days());
    CHECK(reply.status == 201);
    CHECK(reply.body == "{}");
    auto const id = reply.field("x-amz-lock-id").value();
    CHECK(std::regex_match(id, std::regex("[A-Za-z0-9_-]{24}")));
    auto const got = get();
    CHECK(got.status == 200);
    CHECK(got.field("Content-Type") == "application/json");
    CHECK(got.body.find(id) == std::string::npos);
    CHECK_FALSE(got.field("x-amz-lock-id"));
    CHECK(json::parse(got.body) == json{{"Policy", policy_for_days()},
                                        {"State", "InProgress"},
                                        {"CreationDate", "2020-02-28T10:00:00.007Z"},
                                        {"ExpirationDate", "2020-02-29T10:00:00.007Z"}});
}

TEST_CASE_FIXTURE(Lock, "a lock in progress is not replaced, and another id does not complete it") {
    auto const id = begin();
    CHECK(error_text(try_begin(policy_for_days("1"))).starts_with(denied));
    CHECK(lock()["Policy"] == policy_for_days());
    for (std::string const wrong : {"AAAAAAAAAAAAAAAAAAAAAAAA", "x"}) {
        CHECK(error_text(complete(wrong)).starts_with(invalid));
    }
    CHECK(lock()["State"] == "InProgress");
    CHECK(complete(id).status == 204);
}

TEST_CASE_FIXTURE(Lock, "aborting a lock in progress removes the policy and kills the id") {
    auto const id = begin();
    auto const reply = abort();
    CHECK(reply.status == 204);
    CHECK(reply.body.empty());
    CHECK(error_text(get()).starts_with(not_found));
    CHECK(error_text(complete(id)).starts_with(not_found));
    CHECK(abort().status == 204);
    auto const second = begin();
    CHECK(second != id);
    CHECK(error_text(complete(id)).starts_with(invalid));
    CHECK(complete(second).status == 204);
}

TEST_CASE_FIXTURE(Lock, "a lock in progress ends after 24 hours, and its id with it") {
    auto const id = begin();
    advance(24h - 1ms);
    CHECK(lock()["State"] == "InProgress");
    advance(1ms);
    CHECK(error_text(get()).starts_with(not_found));
    CHECK(error_text(complete(id)).starts_with(not_found));
    CHECK(abort().status == 204);
    auto const second = begin();
    CHECK(second != id);
    CHECK(error_text(complete(id)).starts_with(invalid));
    CHECK(complete(second).status == 204);
}

TEST_CASE_FIXTURE(Lock, "an aborted lock's time does not end the one that follows") {
    begin();
    advance(23h);
    abort();
    auto const id = begin();
    advance(23h);
    CHECK(lock()["State"] == "InProgress");
    CHECK(complete(id).status == 204);
}

TEST_CASE_FIXTURE(Lock, "a completed lock is there for good") {
    auto const id = begin();
    auto const before = lock();
    advance(1h);
    auto const reply = complete(id);
    CHECK(reply.status == 204);
    CHECK(reply.body.empty());
    auto const locked = lock();
    CHECK(locked["State"] == "Locked");
    CHECK(locked["Policy"] == policy_for_days());
    CHECK(locked["CreationDate"] == before["CreationDate"]);
    CHECK((!locked.contains("ExpirationDate") || locked["ExpirationDate"].is_null()));

    CHECK(complete(id).status == 204);
    CHECK(error_text(complete("AAAAAAAAAAAAAAAAAAAAAAAA")).starts_with(denied));
    CHECK(error_text(abort()).starts_with(denied));
    CHECK(error_text(try_begin(policy_for_days("1"))).starts_with(denied));
    advance(24h * 365);
    CHECK(lock() == locked);
    CHECK(complete(id).status == 204);
}

TEST_CASE_FIXTURE(Lock, "what is no policy for this vault is refused with one text") {
    auto foreign = json::parse(policy_for_days());
    foreign["Statement"][0]["Resource"] = "arn:aws:glacier:us-east-1:000000000000:vaults/other";
    auto const large = policy_for_days() + std::string(20'481 - policy_for_days().size(), ' ');
    for (auto const& text :
         {std::string(), std::string("{}"), std::string("policy"), foreign.dump(), large}) {
        CAPTURE(text.substr(0, 100));
        CHECK(error_text(try_begin(text)) ==
              "400 InvalidParameterValueException: The specified vault lock policy is invalid. Provide a "
              "valid policy.");
    }
    CHECK(error_text(try_begin(nullptr)).starts_with("400 MissingParameterValueException: "));
    CHECK(error_text(call("POST", at("lock-policy"))).starts_with("400 MissingParameterValueException: "));
    CHECK(error_text(try_begin(json::parse(policy_for_days()))).starts_with("400 SerializationException: "));
    CHECK(get().status == 404);
    CHECK(try_begin(large.substr(0, 20'480)).status == 201);
}

TEST_CASE_FIXTURE(Lock, "an absent vault has no lock, and PUT is not how to set one") {
    auto text = policy_for_days();
    text.replace(text.find("photos"), 6, "nope");
    auto const expected =
        "404 ResourceNotFoundException: Vault not found for ARN: "
        "arn:aws:glacier:us-east-1:000000000000:vaults/nope";
    CHECK(error_text(call("GET", "/-/vaults/nope/lock-policy")) == expected);
    CHECK(error_text(call("DELETE", "/-/vaults/nope/lock-policy")) == expected);
    CHECK(error_text(call("POST", "/-/vaults/nope/lock-policy/x")) == expected);
    CHECK(error_text(call("POST", "/-/vaults/nope/lock-policy", policy_body(text))) == expected);
    CHECK(call("PUT", at("lock-policy"), policy_body()).status == 400);
    CHECK(get().status == 404);
}

TEST_CASE_FIXTURE(Lock, "a lock is of one vault, and goes with it") {
    auto const id = begin();
    create_vault("other");
    CHECK(call("GET", "/-/vaults/other/lock-policy").status == 404);
    CHECK(call("POST", "/-/vaults/other/lock-policy/" + id).status == 404);
    CHECK(complete(id).status == 204);
    CHECK(call("DELETE", "/-/vaults/photos").status == 204);
    create_vault("photos");
    CHECK(error_text(get()).starts_with(not_found));
    CHECK(begin() != id);
}

TEST_CASE_FIXTURE(Lock, "trap 39: a lock in progress cannot be replaced") {
    auto const id = begin();
    CHECK(error_text(try_begin(policy_text({{"Action", "glacier:*"}})))
              .starts_with("403 AccessDeniedException: "));
    CHECK(lock()["Policy"] == policy_for_days());
    CHECK(complete(id).status == 204);
}

TEST_CASE_FIXTURE(Lock, "trap 40: a wrong lock id is invalid in progress and denied when locked") {
    auto const right = at("lock-policy/" + begin());
    auto const wrong = at("lock-policy") + "/AAAAAAAAAAAAAAAAAAAAAAAA";
    CHECK(error_text(call("POST", wrong)).starts_with("400 InvalidParameterValueException: "));
    CHECK(call("POST", right).status == 204);
    CHECK(error_text(call("POST", wrong)).starts_with("403 AccessDeniedException: "));
}

TEST_CASE_FIXTURE(Lock, "field trap: a vault without a lock has no lock to get") {
    CHECK(error_text(call("GET", at("lock-policy"))).starts_with(not_found));
}

TEST_CASE_FIXTURE(Lock, "field trap: a locked vault still takes what its policy does not deny") {
    auto const id = call("POST", at("lock-policy"), policy_body()).field("x-amz-lock-id").value();
    CHECK(call("POST", at("lock-policy/" + id)).status == 204);
    CHECK(try_upload("photos", "a photo").status == 201);
    CHECK(call("POST", at("tags?operation=add"), R"({"Tags":{"a":"b"}})").status == 204);
}
