#include "server/control/observe/fault_rules.hpp"

#include <algorithm>
#include <utility>

#include "server/glacier/error_codes.hpp"
#include "server/text/wildcard.hpp"

namespace firn::control {

bool FaultRule::matches(glacier::Operation const& candidate, storage::Owner const& owner,
                        std::string const& vault_name) const {
    return applies_to(candidate) && (!account || *account == owner.account) &&
           (!region || *region == owner.region) && (!vault || text::matches_wildcard(*vault, vault_name));
}

bool FaultRule::applies_to(glacier::Operation const& candidate) const {
    if (operation && !text::matches_wildcard(*operation, candidate.name)) return false;
    if (fault.job_failure) return candidate.name == "InitiateJob";
    if (fault.timeout_after_bytes) return candidate.body == glacier::BodyKind::archive;
    auto const& wire = fault.wire;
    bool const of_output =
        wire.cut_after_bytes || wire.flip_at || wire.bytes_per_second || fault.wrong_checksum;
    return !of_output || operation || candidate.name == "GetJobOutput";
}

FaultRules::RuleStatus FaultRules::add(FaultRule rule) {
    std::lock_guard const lock(mutex_);
    auto const number = ++last_number_;
    Entry entry{number, std::move(rule)};
    entry.rule.fault.rule_id = entry.id();
    entry.allowance = std::max(1.0, entry.rule.frequency.requests_per_second.value_or(0));
    auto const& error = entry.rule.fault.error;
    if (error && !glacier::find_code(error->code)) invented_codes_.insert(error->code);
    entries_.push_back(std::move(entry));
    empty_ = false;
    return entries_.back().status();
}

std::vector<FaultRules::RuleStatus> FaultRules::list() const {
    std::lock_guard const lock(mutex_);
    std::vector<RuleStatus> list;
    for (auto const& entry : entries_) list.push_back(entry.status());
    return list;
}

std::optional<FaultRules::RuleStatus> FaultRules::find(std::string const& id) const {
    std::lock_guard const lock(mutex_);
    auto const found =
        std::find_if(entries_.begin(), entries_.end(), [&](Entry const& entry) { return entry.id() == id; });
    return found == entries_.end() ? std::nullopt : std::optional(found->status());
}

bool FaultRules::have_had(std::string_view id_pattern) const {
    std::lock_guard const lock(mutex_);
    for (auto number = last_number_; number > 0; --number) {
        if (text::matches_wildcard(id_pattern, id_of(number))) return true;
    }
    return false;
}

std::set<std::string> FaultRules::invented_codes() const {
    std::lock_guard const lock(mutex_);
    return invented_codes_;
}

std::optional<FaultRules::RuleStatus> FaultRules::remove(std::string const& id) {
    std::lock_guard const lock(mutex_);
    auto const found =
        std::find_if(entries_.begin(), entries_.end(), [&](Entry const& entry) { return entry.id() == id; });
    if (found == entries_.end()) return std::nullopt;
    auto status = found->status();
    entries_.erase(found);
    empty_ = entries_.empty();
    return status;
}

std::vector<FaultRules::RuleStatus> FaultRules::clear() {
    std::lock_guard const lock(mutex_);
    std::vector<RuleStatus> list;
    for (auto const& entry : std::exchange(entries_, {})) list.push_back(entry.status());
    empty_ = true;
    return list;
}

void FaultRules::reset() {
    clear();
    std::lock_guard const lock(mutex_);
    last_number_ = 0;
    invented_codes_.clear();
}

std::optional<glacier::Fault> FaultRules::choose(glacier::Operation const& operation,
                                                 storage::Owner const& owner, std::string const& vault) {
    if (empty_) return std::nullopt;
    std::lock_guard const lock(mutex_);
    for (auto& entry : entries_) {
        if (!entry.rule.matches(operation, owner, vault)) continue;
        ++entry.matched;
        if (!hits(entry)) continue;
        ++entry.fired;
        return entry.rule.fault;
    }
    return std::nullopt;
}

bool FaultRules::hits(Entry& entry) const {
    auto const& frequency = entry.rule.frequency;
    auto const matched = static_cast<std::int64_t>(entry.matched);
    constexpr std::int64_t certain = 1'000'000'000;
    auto const draw = random_.between("fault " + entry.id(), matched, 0, certain - 1);
    bool const agreed = frequency.nth.value_or(matched) == matched &&
                        matched % frequency.every.value_or(1) == 0 &&
                        static_cast<double>(draw) < frequency.probability.value_or(1) * certain &&
                        entry.fired < static_cast<std::uint64_t>(frequency.times.value_or(certain));
    return agreed && (!frequency.requests_per_second || is_too_fast(entry));
}

// A token bucket: it fills at the rate and holds the requests of one second.
bool FaultRules::is_too_fast(Entry& entry) {
    auto const rate = *entry.rule.frequency.requests_per_second;
    auto const now = Steady::now();
    std::chrono::duration<double> const passed = now - entry.allowance_at;
    entry.allowance = std::min(std::max(1.0, rate), entry.allowance + passed.count() * rate);
    entry.allowance_at = now;
    if (entry.allowance < 1) return true;
    entry.allowance -= 1;
    return false;
}

}  // namespace firn::control
