#include "server/policy/policy_document.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using firn::policy::find_policy_fault;
using nlohmann::json;

namespace {

constexpr char arn[] = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";

json statement() {
    return {{"Effect", "Deny"},
            {"Principal", "*"},
            {"Action", "glacier:DeleteArchive"},
            {"Resource", arn},
            {"Condition", {{"NumericLessThan", {{"glacier:ArchiveAgeInDays", "365"}}}}}};
}

bool is_policy(json const& statements) {
    return !find_policy_fault(json{{"Version", "2012-10-17"}, {"Statement", statements}}.dump(), arn);
}

// With one member of the statement set to `value`.
bool is_statement_with(char const* member, json const& value) {
    auto changed = statement();
    changed[member] = value;
    return is_policy(changed);
}

bool is_statement_without(char const* member) {
    auto changed = statement();
    changed.erase(member);
    return is_policy(changed);
}

}  // namespace

TEST_CASE("a policy has one statement or several") {
    CHECK(is_policy(statement()));
    CHECK(is_policy(json::array({statement()})));
    CHECK(is_policy(json::array({statement(), statement()})));
    CHECK_FALSE(is_policy(json::array()));
    CHECK_FALSE(is_policy("Deny"));
    CHECK_FALSE(is_policy(json::array({statement(), "Deny"})));
    auto bad = statement();
    bad["Effect"] = "Perhaps";
    CHECK_FALSE(is_policy(json::array({statement(), bad})));
}

TEST_CASE("what is no JSON object with statements is no policy") {
    for (auto const* const text :
         {"", "{", "null", "[]", "{}", "\"*\"", R"({"Version":"2012-10-17"})", "{\"Statement\":\"\xff\"}"}) {
        CAPTURE(text);
        CHECK(find_policy_fault(text, arn).has_value());
    }
}

TEST_CASE("a member that an object has twice is refused, wherever it is") {
    auto const text = json{{"Version", "2012-10-17"}, {"Statement", statement()}}.dump();
    CHECK_FALSE(find_policy_fault(text, arn));
    for (std::string const member : {R"("Statement":)", R"("Effect":)", R"("NumericLessThan":)"}) {
        CAPTURE(member);
        auto twice = text;
        twice.insert(twice.find(member), member + R"("x",)");
        CHECK(find_policy_fault(twice, arn).value().find("twice") != std::string::npos);
    }
}

TEST_CASE("a policy has nothing after its end") {
    auto const text = json{{"Version", "2012-10-17"}, {"Statement", statement()}}.dump();
    CHECK(find_policy_fault(text + "x", arn).has_value());
    CHECK(find_policy_fault(text + std::string("\0x", 2), arn).has_value());
}

TEST_CASE("a version is one of the two there are, or absent") {
    auto const with = [](json const& version) {
        return !find_policy_fault(json{{"Version", version}, {"Statement", statement()}}.dump(), arn);
    };
    CHECK(with("2012-10-17"));
    CHECK(with("2008-10-17"));
    CHECK_FALSE(with("2012-06-01"));
    CHECK_FALSE(with(20121017));
    CHECK_FALSE(find_policy_fault(json{{"Statement", statement()}}.dump(), arn));
}

TEST_CASE("an effect is Allow or Deny, exactly so") {
    CHECK(is_statement_with("Effect", "Allow"));
    for (json const& value : {json("allow"), json(""), json(1), json(nullptr)}) {
        CHECK_FALSE(is_statement_with("Effect", value));
    }
    CHECK_FALSE(is_statement_without("Effect"));
}

TEST_CASE("a statement names whom it is for") {
    CHECK(is_statement_with("Principal", {{"AWS", "*"}}));
    CHECK(is_statement_with("Principal", {{"AWS", {"arn:aws:iam::111122223333:root", "444455556666"}}}));
    for (json const& value : {json("someone"), json(json::object()), json{{"AWS", json::array()}},
                              json{{"AWS", ""}}, json{{"AWS", 1}}, json(nullptr), json(json::array({"*"}))}) {
        CAPTURE(value.dump());
        CHECK_FALSE(is_statement_with("Principal", value));
    }
    CHECK_FALSE(is_statement_without("Principal"));
    CHECK_FALSE(is_statement_with("NotPrincipal", "*"));  // both forms at once
}

TEST_CASE("actions are of Glacier") {
    CHECK(is_statement_with("Action", "*"));
    CHECK(is_statement_with("Action", {"glacier:*", "glacier:InitiateJob"}));
    CHECK(is_statement_with("Action", {"Glacier:initiatejob", "GLACIER:*"}));
    CHECK(is_statement_with("Action", "gLACIER:ListJobs"));
    for (json const& value : {json("s3:GetObject"), json("DeleteArchive"), json(json::array()), json(1),
                              json(json::array({"glacier:DeleteArchive", "s3:GetObject"}))}) {
        CAPTURE(value.dump());
        CHECK_FALSE(is_statement_with("Action", value));
    }
    CHECK_FALSE(is_statement_without("Action"));
    CHECK_FALSE(is_statement_with("NotAction", "glacier:DeleteArchive"));
    auto negated = statement();
    negated.erase("Action");
    negated["NotAction"] = "glacier:DeleteArchive";
    CHECK(is_policy(negated));
}

TEST_CASE("the resource is the vault, by its ARN or a pattern of it") {
    for (auto const* const pattern :
         {"*", "arn:aws:glacier:*:*:vaults/photos", "arn:aws:glacier:us-east-1:000000000000:vaults/ph?tos",
          "arn:aws:glacier:us-east-1:000000000000:vaults/*", "*photos*"}) {
        CAPTURE(pattern);
        CHECK(is_statement_with("Resource", pattern));
        CHECK(is_statement_with("Resource", json::array({pattern})));
    }
    for (auto const* const pattern :
         {"", "?", "photos", "arn:aws:glacier:us-east-1:000000000000:vaults/photo",
          "arn:aws:glacier:us-east-1:000000000000:vaults/photos?", "*/photo",
          "arn:aws:glacier:us-east-1:000000000000:vaults/photos/archives/*",
          "arn:aws:glacier:eu-west-1:000000000000:vaults/photos"}) {
        CAPTURE(pattern);
        CHECK_FALSE(is_statement_with("Resource", pattern));
        CHECK_FALSE(is_statement_with("Resource", json::array({arn, pattern})));
    }
    CHECK_FALSE(is_statement_with("Resource", json::array()));
    CHECK_FALSE(is_statement_without("Resource"));
}

TEST_CASE("a condition is an object, or absent") {
    CHECK(is_statement_without("Condition"));
    CHECK_FALSE(is_statement_with("Condition", "never"));
    CHECK_FALSE(is_statement_with("Condition", json::array()));
}

TEST_CASE("a policy is at most 20 KiB") {
    auto const sized = [](std::size_t size) {
        auto text = json{{"Statement", statement()}}.dump();
        return text + std::string(size - text.size(), ' ');
    };
    CHECK_FALSE(find_policy_fault(sized(20'480), arn));
    CHECK(find_policy_fault(sized(20'481), arn).has_value());
}

TEST_CASE("a policy that is nested without end is refused") {
    auto const nested = [](int depth) {
        auto changed = statement();
        json condition = json::object();
        for (int i = 0; i < depth; ++i) condition = json{{"a", condition}};
        changed["Condition"] = condition;
        return is_policy(changed);
    };
    CHECK(nested(5));
    CHECK_FALSE(nested(1000));
}
