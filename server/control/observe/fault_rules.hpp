// Rules that make requests fail: which requests, how often, and what happens to them. openapi.json describes
// their JSON (FaultRule). They are kept in memory only.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/glacier/observer.hpp"
#include "server/glacier/operation_table.hpp"
#include "server/text/json_object.hpp"

namespace firn::control {

// Which of the matching requests a rule hits. Every condition that is set must hold.
struct FaultFrequency {
    std::optional<std::int64_t> nth;
    std::optional<std::int64_t> every;
    std::optional<double> probability;
    std::optional<std::int64_t> times;
    std::optional<double> requests_per_second;  // hits requests beyond this rate, in real time
};

struct FaultRule {
    nlohmann::json source;  // as the client sent it
    std::optional<std::string> operation;
    std::optional<std::string> vault;
    std::optional<std::string> account;
    std::optional<std::string> region;
    FaultFrequency frequency;
    glacier::Fault fault;

    // Whether the effect can happen to this operation, on any vault.
    bool applies_to(glacier::Operation const& candidate) const;
    bool matches(glacier::Operation const& candidate, storage::Owner const& owner,
                 std::string const& vault_name) const;
};

// Throws Refusal when the rule is invalid or can never have an effect, text::JsonError when it is not JSON or
// a member has the wrong type.
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

    // Probabilities are drawn from `random`, so they are the same in every run with the same seed.
    explicit FaultRules(glacier::Random const& random) : random_(random) {}

    RuleStatus add(FaultRule rule);
    std::vector<RuleStatus> list() const;
    // Nothing when there is no rule with this id.
    std::optional<RuleStatus> find(std::string const& id) const;
    // Whether the pattern matches the id of a rule that is there, or was there since the start or reset().
    bool have_had(std::string_view id_pattern) const;
    // The error codes that Glacier does not have, of all rules that are there or were there since the start
    // or reset().
    std::set<std::string> invented_codes() const;
    // Returns the last status of the rule; nothing when there is no rule with this id.
    std::optional<RuleStatus> remove(std::string const& id);
    // Removes all rules and returns their last status.
    std::vector<RuleStatus> clear();
    // Forgets all rules; ids start again at f1.
    void reset();

    // Counts the request, and returns the effect of the first rule that hits it.
    std::optional<glacier::Fault> choose(glacier::Operation const& operation, storage::Owner const& owner,
                                         std::string const& vault);

private:
    using Steady = std::chrono::steady_clock;

    struct Entry {
        std::int64_t number;
        FaultRule rule;
        std::uint64_t matched = 0;
        std::uint64_t fired = 0;
        // requests_per_second: how many requests may pass at once, as of allowance_at.
        double allowance = 0;
        Steady::time_point allowance_at = Steady::now();

        std::string id() const { return id_of(number); }
        RuleStatus status() const { return {id(), rule.source, matched, fired}; }
    };

    static std::string id_of(std::int64_t number) { return "f" + std::to_string(number); }
    bool hits(Entry& entry) const;
    static bool is_too_fast(Entry& entry);

    glacier::Random const& random_;
    std::atomic<bool> empty_ = true;  // saves the lock when there are no rules
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
    std::int64_t last_number_ = 0;
    std::set<std::string> invented_codes_;
};

}  // namespace firn::control
