// A random sequence of all operations by several clients, with jumps of the clock and restarts, against a
// model of Glacier; every answer is compared. FIRN_MODEL_SEED sets the seed, FIRN_LONG makes the sequences
// long.
#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>

#include "tests/model/model.hpp"
#include "tests/model/requests.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace firn::test;
using namespace firn::test::model;
using namespace std::chrono_literals;

namespace {

// Empty when the actual value is as expected, else what differs.
std::string difference(json const& expected, json const& actual, std::string const& path = "") {
    if (expected == any_text) return actual.is_string() && actual != json("") ? "" : path + " is not a text";
    if (expected.type() != actual.type() && !(expected.is_number() && actual.is_number())) {
        return path + ": expected " + expected.dump() + ", got " + actual.dump();
    }
    if (!expected.is_structured() || expected.size() != actual.size()) {
        return expected == actual ? "" : path + ": expected " + expected.dump() + ", got " + actual.dump();
    }
    for (auto const& [key, value] : expected.items()) {
        if (expected.is_object() && !actual.contains(key)) return path + "/" + key + " is absent";
        auto const& other = expected.is_object() ? actual[key] : actual[std::stoul(key)];
        if (auto found = difference(value, other, path + "/" + key); !found.empty()) return found;
    }
    return "";
}

std::string difference(Expected const& expected, RawReply const& reply) {
    if (reply.status != expected.status)
        return "expected " + std::to_string(expected.status) + " " + expected.code;
    if (!expected.code.empty()) {
        auto const code = json::parse(reply.body, nullptr, false).value("code", "");
        return code == expected.code ? "" : "expected " + expected.code;
    }
    bool const creates = expected.status == 201 || expected.status == 202;
    if (creates && reply.body != "{}") return "expected an empty object, got " + reply.body;
    if (expected.bytes && reply.body != *expected.bytes) {
        return "other bytes; expected " + std::to_string(expected.bytes->size()) + ": " +
               expected.bytes->substr(0, 400);
    }
    for (auto const& [name, value] : expected.fields) {
        if (reply.field(name) != value) return name + ": expected " + value.value_or("(none)");
    }
    return expected.body ? difference(*expected.body, json::parse(reply.body, nullptr, false)) : "";
}

class Run {
public:
    Run(std::uint64_t seed, bool daily)
        : seed_(seed), requests_(seed), config_(config(daily)), model_(rules(daily), owners(), start_time()) {
        config_.data_dir = directory_.path() / "data";
        start();
    }

    void steps(std::size_t count) {
        for (step_ = 0; step_ < count; ++step_) {
            if (requests_.one_in(7)) pass_time();
            if (requests_.one_in(count > 10'000 ? 1000 : 150)) start();
            check(requests_.next(model_));
        }
    }

    // Of every operation some succeeded, or the test has become blind.
    void check_coverage() const {
        for (auto const& seen : seen_) {
            CAPTURE(seen.first);
            CHECK(*seen.second.begin() < 300);
        }
        CHECK(seen_.size() == 33);
    }

private:
    static firn::Config config(bool daily) {
        auto config = test_config();
        config.in_memory = false;
        config.timing = daily ? "aws" : "fast";
        if (!daily) return config;
        config.expedited = 2min;
        config.standard = 4h;
        config.bulk = 8h;
        config.inventory_job = 4h;
        return config;
    }

    static Rules rules(bool daily) {
        if (!daily) return {{{"Expedited", 1s}, {"Standard", 3s}, {"Bulk", 5s}}, 2s, false};
        return {{{"Expedited", 2min}, {"Standard", 4h}, {"Bulk", 8h}}, 4h, true};
    }

    static std::vector<Owner> owners() {
        return {{.account = "000000000000", .region = "us-east-1", .partition = "aws"},
                {.account = "111122223333", .region = "us-east-1", .partition = "aws"},
                {.account = "111122223333", .region = "cn-north-1", .partition = "aws-cn"}};
    }

    static Time start_time() { return std::chrono::sys_days(std::chrono::year(2024) / 1 / 30) + 12h + 345ms; }

    // Starts the server, after stopping one that runs, with the clock where it was.
    void start() {
        clients_.clear();
        app_.reset();
        app_ = std::make_unique<firn::App>(config_);
        app_->clock().freeze();
        app_->clock().set(model_.now());
        app_->start();
        clients_.resize(model_.owners().size());
        for (auto& client : clients_) client.emplace(app_->port());
    }

    void pass_time() {
        auto const duration = requests_.pause();
        app_->clock().advance(duration);
        app_->settle();
        model_.move_clock(duration);
        for (std::size_t client = 0; client < clients_.size(); ++client) {
            for (auto const& [name, vault] : model_.owners()[client].vaults) {
                if (!vault.pending_since) continue;
                Call call;
                call.operation = "DescribeVault";
                call.client = client;
                call.vault = name;
                auto const reply = send(call);
                try {
                    model_.learn_inventory(client, name, json::parse(reply.body));
                } catch (std::exception const& error) {
                    fail(call, reply, error.what());
                }
            }
        }
        model_.run_due();
    }

    RawReply send(Call const& call) {
        auto fields = call.fields;
        auto const& owner = model_.owners()[call.client];
        if (call.has_version) fields.emplace_back("x-amz-glacier-version", "2012-06-01");
        if (call.client != 0) fields.push_back(signed_by(owner.account, owner.region)[0]);
        auto const [method, target] = method_and_target(call);
        auto& client = clients_.at(call.client);
        auto reply = client->request(method, target, fields, call.body);
        // After an error the server may close rather than read the body.
        if (reply.field("Connection") == "close") client.emplace(app_->port());
        return reply;
    }

    void check(Call const& call) {
        auto const reply = send(call);
        try {
            auto const expected = model_.predict(call);
            auto const found = difference(expected, reply);
            if (!found.empty()) fail(call, reply, found);
            if (expected.learn) expected.learn(reply);
        } catch (std::runtime_error const& error) {
            fail(call, reply, error.what());
        }
        seen_[call.operation].insert(reply.status);
    }

    void fail(Call const& call, RawReply const& reply, std::string const& found) {
        std::string request =
            call.operation + ": " + method_and_target(call).first + " " + method_and_target(call).second;
        for (auto const& [name, value] : call.fields) request += "\n    " + name + ": " + value;
        if (call.body.starts_with("{") || call.body.size() < 40) request += "\n    " + call.body;
        FAIL("seed ", seed_, ", step ", step_, ", client ", call.client, ", ", request, "\n", found, "\ngot ",
             reply.status, " ", reply.body.substr(0, 400));
    }

    std::uint64_t const seed_;
    std::size_t step_ = 0;
    Requests requests_;
    TemporaryDirectory directory_;
    firn::Config config_;
    Model model_;
    std::unique_ptr<firn::App> app_;
    std::vector<std::optional<RawClient>> clients_;
    std::map<std::string, std::set<unsigned>> seen_;
};

void run(bool daily) {
    char const* const seed = std::getenv("FIRN_MODEL_SEED");
    Run sequence(seed ? std::stoull(seed) : 11, daily);
    sequence.steps(std::getenv("FIRN_LONG") ? 100'000 : 1000);
    if (!seed) sequence.check_coverage();
}

}  // namespace

TEST_CASE("the server answers a random sequence of requests as the model does, with fresh inventories") {
    run(false);
}

TEST_CASE("the server answers a random sequence of requests as the model does, with daily inventories") {
    run(true);
}
