// What an account has in a region besides vaults: a data retrieval policy and provisioned capacity.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char missing[] = "400 MissingParameterValueException: ";
constexpr char serialization[] = "400 SerializationException: ";
constexpr char data_retrieval[] = "/-/policies/data-retrieval";
constexpr char capacity[] = "/-/provisioned-capacity";

struct Account : Api {
    RawReply set_rules(json const& rules, RawFields fields = {}) {
        return call("PUT", data_retrieval, json{{"Policy", {{"Rules", rules}}}}.dump(), std::move(fields));
    }
    RawReply set_rule(json const& rule, RawFields fields = {}) {
        return set_rules(json::array({rule}), std::move(fields));
    }
    json rule(RawFields fields = {}) {
        auto const policy = json::parse(call("GET", data_retrieval, {}, std::move(fields)).body)["Policy"];
        CHECK(policy["Rules"].size() == 1);
        return policy["Rules"][0];
    }
    RawReply purchase(RawFields fields = {}) { return call("POST", capacity, {}, std::move(fields)); }
    json units(RawFields fields = {}) {
        return json::parse(call("GET", capacity, {}, std::move(fields)).body)["ProvisionedCapacityList"];
    }
    void set_date(int year, int month, int day, firn::storage::Duration time_of_day = 0ms) {
        app().clock().set(std::chrono::sys_days(std::chrono::year(year) / month / day) + time_of_day);
        app().settle();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Account, "an account that never set a data retrieval policy has the strategy None") {
    auto const reply = call("GET", data_retrieval);
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(rule()["Strategy"] == "None");
    CHECK(rule().value("BytesPerHour", json()).is_null());
}

TEST_CASE_FIXTURE(Account, "a data retrieval policy is set and replaced") {
    auto const reply = set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", 10'737'418'240}});
    CHECK(reply.status == 204);
    CHECK(reply.body.empty());
    CHECK(call("GET", data_retrieval).body ==
          R"({"Policy":{"Rules":[{"BytesPerHour":10737418240,"Strategy":"BytesPerHour"}]}})");
    CHECK(set_rule({{"Strategy", "FreeTier"}}).status == 204);
    CHECK(rule()["Strategy"] == "FreeTier");
    CHECK(rule().value("BytesPerHour", json()).is_null());
    CHECK(set_rule({{"Strategy", "None"}, {"BytesPerHour", nullptr}}).status == 204);
    CHECK(rule()["Strategy"] == "None");
    for (std::int64_t const limit : {std::int64_t(1), std::numeric_limits<std::int64_t>::max()}) {
        CHECK(set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", limit}}).status == 204);
        CHECK(rule()["BytesPerHour"] == limit);
    }
}

TEST_CASE_FIXTURE(Account, "BytesPerHour belongs to its own strategy alone") {
    CHECK(error_text(set_rule({{"Strategy", "BytesPerHour"}})).starts_with(missing));
    CHECK(error_text(set_rule({{"Strategy", "FreeTier"}, {"BytesPerHour", 1}})).starts_with(invalid));
    CHECK(error_text(set_rule({{"Strategy", "None"}, {"BytesPerHour", 1}})).starts_with(invalid));
    for (json const& limit : {json(0), json(-1)}) {
        CHECK(error_text(set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", limit}}))
                  .starts_with(invalid));
    }
    for (json const& limit : {json("1"), json(1.5), json(9'223'372'036'854'775'808u), json(true)}) {
        CAPTURE(limit.dump());
        CHECK(error_text(set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", limit}}))
                  .starts_with("400 "));
    }
    CHECK(rule()["Strategy"] == "None");
}

TEST_CASE_FIXTURE(Account, "a data retrieval policy has exactly one rule with a known strategy") {
    json const free = {{"Strategy", "FreeTier"}};
    CHECK(error_text(set_rules(json::array())).starts_with(invalid));
    CHECK(error_text(set_rules(json::array({free, free}))).starts_with(invalid));
    CHECK(error_text(set_rules(free)).starts_with(serialization));
    CHECK(error_text(set_rules(json::array({"FreeTier"}))).starts_with(serialization));
    CHECK(error_text(set_rule(json::object())).starts_with(missing));
    for (std::string const strategy : {"freetier", "", "Unlimited"}) {
        CHECK(error_text(set_rule({{"Strategy", strategy}})).starts_with(invalid));
    }
    auto const put = [&](std::string const& body) { return error_text(call("PUT", data_retrieval, body)); };
    CHECK(put("").starts_with(missing));
    CHECK(put("{}").starts_with(missing));
    CHECK(put(R"({"Policy":{}})").starts_with(missing));
    CHECK(put(R"({"Rules":[{"Strategy":"FreeTier"}]})").starts_with(missing));  // not wrapped
    CHECK(put(R"({"Policy":"FreeTier"})").starts_with(serialization));
    CHECK(rule()["Strategy"] == "None");
}

TEST_CASE_FIXTURE(Account, "a unit of capacity has an id and lasts a calendar month") {
    CHECK(call("GET", capacity).body == R"({"ProvisionedCapacityList":[]})");
    set_date(2016, 11, 11, 20h + 11min + 55s + 912ms);
    auto const reply = purchase();
    CHECK(reply.status == 201);
    CHECK(reply.body == "{}");
    auto const id = reply.field("x-amz-capacity-id").value();
    CHECK(std::regex_match(id, std::regex("[A-Za-z0-9_-]{24}")));
    CHECK(units() == json::array({{{"CapacityId", id},
                                   {"StartDate", "2016-11-11T20:11:55.912Z"},
                                   {"ExpirationDate", "2016-12-11T20:11:55.000Z"}}}));
}

TEST_CASE_FIXTURE(Account, "an account has two units at most, until one has ended") {
    set_date(2024, 1, 31, 12h);
    auto const first = purchase().field("x-amz-capacity-id").value();
    advance(24h);
    auto const second = purchase().field("x-amz-capacity-id").value();
    CHECK(first != second);
    CHECK(error_text(purchase()).starts_with("400 LimitExceededException: "));
    CHECK(units().size() == 2);
    set_date(2024, 2, 29, 12h - 1ms);
    CHECK(units().size() == 2);
    CHECK(purchase().status == 400);
    set_date(2024, 2, 29, 12h);
    REQUIRE(units().size() == 1);
    CHECK(units()[0]["CapacityId"] == second);
    auto const third = purchase().field("x-amz-capacity-id").value();
    CHECK(third != first);
    CHECK(units().size() == 2);
    CHECK(purchase().status == 400);
    set_date(2024, 3, 1, 12h);
    REQUIRE(units().size() == 1);
    CHECK(units()[0]["CapacityId"] == third);
    set_date(2024, 3, 29, 12h);
    CHECK(units() == json::array());
}

TEST_CASE_FIXTURE(Account, "accounts and regions do not see each other's settings") {
    auto const stranger = signed_by("111122223333");
    auto const elsewhere = signed_by("AKIDEXAMPLE", "eu-west-1");
    set_rule({{"Strategy", "FreeTier"}});
    CHECK(rule(stranger)["Strategy"] == "None");
    CHECK(rule(elsewhere)["Strategy"] == "None");
    set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", 7}}, stranger);
    CHECK(rule(stranger)["BytesPerHour"] == 7);
    CHECK(rule(signed_by("111122223333", "eu-west-1"))["Strategy"] == "None");
    CHECK(rule(signed_by("AKIDEXAMPLE"))["Strategy"] == "FreeTier");

    purchase();
    purchase();
    CHECK(purchase().status == 400);
    CHECK(units(stranger).empty());
    CHECK(units(elsewhere).empty());
    CHECK(purchase(stranger).status == 201);
    CHECK(purchase(elsewhere).status == 201);
    CHECK(units().size() == 2);
    CHECK(units(stranger).size() == 1);
}

TEST_CASE_FIXTURE(Account, "settings are not those of a foreign account in the path") {
    for (std::string const target :
         {"/999999999999/policies/data-retrieval", "/999999999999/provisioned-capacity"}) {
        CHECK(error_text(call("GET", target)) ==
              "403 AccessDeniedException: Access denied for account ID: 999999999999");
    }
    CHECK(call("GET", "/000000000000/provisioned-capacity").status == 200);
}

TEST_CASE_FIXTURE(Account, "trap 44: BytesPerHour belongs to its strategy alone") {
    for (std::string const strategy : {"FreeTier", "None"}) {
        CHECK(set_rule({{"Strategy", strategy}}).status == 204);
        CHECK(set_rule({{"Strategy", strategy}, {"BytesPerHour", 7}}).status == 400);
    }
    CHECK(set_rule({{"Strategy", "BytesPerHour"}}).status == 400);
    CHECK(set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", 7}}).status == 204);
}
