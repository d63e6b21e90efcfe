// Rules that make requests fail, as openapi.json describes them (FaultRule): which requests, how often, and
// what happens to them. They live as long as the server.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "server/glacier/observer.hpp"
#include "server/glacier/operation_table.hpp"
#include "server/text/json_object.hpp"

namespace firn::control {

// Which of the matching requests a rule hits: those on which everything that is given agrees.
struct FaultFrequency {
    std::optional<std::int64_t> nth;
    std::optional<std::int64_t> every;
    std::optional<double> probability;
    std::optional<std::int64_t> times;
    std::optional<double> requests_per_second;  // those that come faster
};

struct FaultRule {
    nlohmann::json source;  // as it was given
    std::optional<std::string> operation;
    std::optional<std::string> vault;
    FaultFrequency frequency;
    glacier::Fault fault;

    // Of whatever vault.
    bool applies_to(glacier::Operation const& candidate) const;
    bool matches(glacier::Operation const& candidate, std::string const& vault_name) const;
};

// Throws Refusal when it makes no sense.
FaultRule parse_fault_rule(std::string const& json);

// All functions may be called from any thread.
class FaultRules {
public:
    struct RuleStatus {
        std::string id;
        nlohmann::json source;
        std::uint64_t matched;
        std::uint64_t fired;
    };

    // The draws of probabilities come from `random`.
    explicit FaultRules(glacier::Random const& random) : random_(random) {}

    RuleStatus add(FaultRule rule);
    std::vector<RuleStatus> list() const;
    // How the rule stood; nothing when there is none of that id.
    std::optional<RuleStatus> remove(std::string const& id);
    // How all of them stood.
    std::vector<RuleStatus> clear();
    // The same; ids begin anew.
    void reset();

    // What is to happen to this request: of the first rule that hits it.
    std::optional<glacier::Fault> choose(glacier::Operation const& operation, std::string const& vault);

private:
    using Steady = std::chrono::steady_clock;

    struct Entry {
        std::int64_t number;
        FaultRule rule;
        std::uint64_t matched = 0;
        std::uint64_t fired = 0;
        // Requests that may still pass at once, as of a moment.
        double allowance = 0;
        Steady::time_point allowance_at = Steady::now();

        std::string id() const { return "f" + std::to_string(number); }
        RuleStatus status() const { return {id(), rule.source, matched, fired}; }
    };

    bool hits(Entry& entry) const;
    static bool is_too_fast(Entry& entry);

    glacier::Random const& random_;
    std::atomic<bool> empty_ = true;  // nearly always: no lock then
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
    std::int64_t last_number_ = 0;
};

}  // namespace firn::control
