#include "server/control/observe/fault_rules.hpp"

#include <doctest/doctest.h>

#include "server/control/request.hpp"

using namespace firn::control;
using firn::glacier::Operation;
using firn::glacier::Random;

namespace {

Random const same_random("test");
firn::storage::Owner const owner{"111122223333", "us-east-1"};

Operation const& operation(std::string_view name) {
    for (auto const& candidate : firn::glacier::operations()) {
        if (candidate.name == name) return candidate;
    }
    throw std::runtime_error("no such operation");
}

// Which of so many requests are hit: "..x.".
std::string hits(FaultRules& rules, int count, std::string_view name = "DescribeVault",
                 std::string const& vault = "photos") {
    std::string text;
    for (int i = 0; i < count; ++i) text += rules.choose(operation(name), owner, vault) ? 'x' : '.';
    return text;
}

std::string hits_of(std::string const& rule, int count) {
    FaultRules rules(same_random);
    rules.add(parse_fault_rule(rule));
    return hits(rules, count);
}

std::string refusal_of(std::string const& rule) {
    try {
        parse_fault_rule(rule);
        return "";
    } catch (Refusal const& refusal) {
        return refusal.message;
    } catch (firn::text::JsonError const& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("how often a rule fires") {
    CHECK(hits_of(R"({"effect": {"reset": true}})", 4) == "xxxx");
    CHECK(hits_of(R"({"nth": 3, "effect": {"reset": true}})", 7) == "..x....");
    CHECK(hits_of(R"({"every": 3, "effect": {"reset": true}})", 7) == "..x..x.");
    CHECK(hits_of(R"({"times": 2, "effect": {"reset": true}})", 5) == "xx...");
    CHECK(hits_of(R"({"every": 2, "times": 2, "effect": {"reset": true}})", 8) == ".x.x....");
    CHECK(hits_of(R"({"probability": 0, "effect": {"reset": true}})", 50) == std::string(50, '.'));
    CHECK(hits_of(R"({"probability": 1, "effect": {"reset": true}})", 50) == std::string(50, 'x'));
}

TEST_CASE("a probability is met, the same way in every run") {
    auto const rule = R"({"probability": 0.25, "effect": {"reset": true}})";
    auto const first = hits_of(rule, 4000);
    CHECK(first == hits_of(rule, 4000));
    auto const count = std::count(first.begin(), first.end(), 'x');
    CHECK(count > 850);
    CHECK(count < 1150);
}

TEST_CASE("which requests a rule is for") {
    FaultRules rules(same_random);
    rules.add(parse_fault_rule(R"({"operation": "Upload*", "vault": "ph?tos", "effect": {"reset": true}})"));
    CHECK(hits(rules, 1, "UploadArchive") == "x");
    CHECK(hits(rules, 1, "UploadMultipartPart") == "x");
    CHECK(hits(rules, 1, "UploadArchive", "music") == ".");
    CHECK(hits(rules, 1, "DescribeVault") == ".");
    auto const standing = rules.list().at(0);
    CHECK(standing.matched == 2);
    CHECK(standing.fired == 2);
}

TEST_CASE("a rule for an account and a region leaves others alone") {
    FaultRules rules(same_random);
    rules.add(
        parse_fault_rule(R"({"account": "111122223333", "region": "eu-west-1", "effect": {"reset": true}})"));
    auto const& list = operation("ListVaults");
    CHECK(rules.choose(list, {"111122223333", "eu-west-1"}, ""));
    CHECK_FALSE(rules.choose(list, {"111122223333", "us-east-1"}, ""));
    CHECK_FALSE(rules.choose(list, {"444455556666", "eu-west-1"}, ""));
    CHECK(rules.find("f1")->matched == 1);
    CHECK_FALSE(rules.find("f2"));
}

TEST_CASE("ids and errors of rules that are removed stay known until everything is reset") {
    FaultRules rules(same_random);
    rules.add(parse_fault_rule(R"({"effect": {"error": {"code": "Strange", "status": 418}}})"));
    rules.add(parse_fault_rule(R"({"effect": {"error": "ThrottlingException"}})"));
    rules.clear();
    CHECK(rules.have_had("f2"));
    CHECK(rules.have_had("f*"));
    CHECK_FALSE(rules.have_had("f3"));
    CHECK_FALSE(rules.have_had("f0"));
    CHECK(rules.invented_codes() == std::set<std::string>{"Strange"});
    rules.reset();
    CHECK_FALSE(rules.have_had("f*"));
    CHECK(rules.invented_codes().empty());
}

TEST_CASE("an effect that only some operations know is left to them") {
    FaultRules rules(same_random);
    rules.add(parse_fault_rule(R"({"effect": {"job_failure": "lost"}})"));
    CHECK(hits(rules, 1) == ".");
    CHECK(hits(rules, 1, "InitiateJob") == "x");
    rules.reset();
    rules.add(parse_fault_rule(R"({"effect": {"timeout_after_bytes": 0}})"));
    CHECK(hits(rules, 1) == ".");
    CHECK(hits(rules, 1, "UploadMultipartPart") == "x");
    rules.reset();
    rules.add(parse_fault_rule(R"({"effect": {"cut_after_bytes": 5}})"));
    CHECK(hits(rules, 1) == ".");
    CHECK(hits(rules, 1, "GetJobOutput") == "x");
    rules.reset();
    rules.add(parse_fault_rule(R"({"operation": "DescribeVault", "effect": {"cut_after_bytes": 5}})"));
    CHECK(hits(rules, 1) == "x");
}

TEST_CASE("the first rule that fires decides") {
    FaultRules rules(same_random);
    rules.add(parse_fault_rule(R"({"nth": 2, "effect": {"error": "ThrottlingException"}})"));
    rules.add(parse_fault_rule(R"({"effect": {"error": "ServiceUnavailableException"}})"));
    CHECK(rules.choose(operation("ListVaults"), owner, "")->error->code == "ServiceUnavailableException");
    auto const second = rules.choose(operation("ListVaults"), owner, "");
    CHECK(second->error->code == "ThrottlingException");
    CHECK(second->rule_id == "f1");
    CHECK(rules.remove("f1")->fired == 1);
    CHECK_FALSE(rules.remove("f1"));
    CHECK(rules.choose(operation("ListVaults"), owner, "")->rule_id == "f2");
    CHECK(rules.clear().size() == 1);
    CHECK(hits(rules, 2) == "..");
}

TEST_CASE("throttling lets the rate through and no more") {
    FaultRules rules(same_random);
    rules.add(parse_fault_rule(R"({"effect": {"requests_per_second": 5}})"));
    // A second's worth at once; the next one is due in 200 ms.
    CHECK(hits(rules, 6) == ".....x");
    CHECK(rules.list().at(0).fired == 1);
}

TEST_CASE("errors have their usual form unless the rule says otherwise") {
    auto const usual =
        parse_fault_rule(R"({"effect": {"error": "RequestTimeoutException"}})").fault.error.value();
    CHECK(usual.status == 408);
    CHECK(usual.message == "Request timed out.");
    auto const own =
        parse_fault_rule(R"({"effect": {"error": {"code": "Strange", "status": 418, "message": "no"}}})")
            .fault.error.value();
    CHECK(own.status == 418);
    CHECK(own.code == "Strange");
    CHECK(own.message == "no");
    CHECK(parse_fault_rule(R"({"effect": {"requests_per_second": 1}})").fault.error->code ==
          "ThrottlingException");
}

TEST_CASE("a rule that makes no sense is refused") {
    CHECK(refusal_of("{}") == "effect is missing: what happens to the requests");
    CHECK(refusal_of(R"({"effect": {}})") == "effect is missing: what happens to the requests");
    CHECK(
        refusal_of(R"({"effect": {"error": "NoSuchException"}})").starts_with("Glacier has no error NoSuch"));
    CHECK(refusal_of(R"({"effect": {"error": "ThrotlingException"}})")
              .starts_with("Glacier has no error ThrotlingException; did you mean ThrottlingException?"));
    CHECK(refusal_of(R"({"effect": {"error": {"code": "NoSuch"}}})")
              .ends_with("needs a status from 400 to 599 too"));
    CHECK(refusal_of(R"({"effect": {"error": {"code": "NoSuch", "status": 399}}})") ==
          "the status of an error must be from 400 to 599");
    CHECK(refusal_of(R"({"effect": {"error": {"code": "", "status": 400}}})")
              .starts_with("an error needs a code"));
    CHECK(refusal_of(R"({"vault": "a b", "effect": {"reset": true}})")
              .starts_with("no vault can have the name a b"));
    CHECK(refusal_of(R"({"account": "1111*", "effect": {"reset": true}})") ==
          "account must be 12 digits, not 1111*");
    CHECK(refusal_of(R"({"region": "EU", "effect": {"reset": true}})").starts_with("region must be a name"));
    CHECK(refusal_of(R"({"operation": "Frobnicate", "effect": {"reset": true}})")
              .starts_with("no operation matches"));
    CHECK(refusal_of(R"({"nth": 0, "effect": {"reset": true}})") == "nth must be 1 or more");
    CHECK(refusal_of(R"({"probability": 1.5, "effect": {"reset": true}})") ==
          "probability must be from 0 to 1");
    CHECK(refusal_of(R"({"effect": {"reset": "yes"}})") == "reset must be true or false");
    CHECK(refusal_of(R"({"effect": {"latency": "soon"}})").starts_with("latency must be a duration"));
    CHECK(refusal_of(R"({"effects": {"reset": true}})").starts_with("effects is not known"));
    CHECK(refusal_of("[]") == "the body must be a JSON object");
}
