// The operator's JSON: fault rules and seed documents. A rule that is taken gives the same rule again, and
// hits the requests that it names; a document is added whole or not at all, and a refusal names a line of it.
#include <algorithm>
#include <string>

#include "server/control/observe/fault_rules.hpp"
#include "server/control/request.hpp"
#include "server/control/seed/seed.hpp"
#include "server/text/size.hpp"
#include "tests/fuzz/world.hpp"

namespace firn::fuzz {
namespace {
using nlohmann::json;

// What a document may ask for here: the time that it takes, and files of this machine, are no findings.
constexpr double count_max = 50;
constexpr std::uint64_t synthetic_bytes_max = 1 << 30;

void check_refusal(control::Refusal const& refusal) {
    FUZZ_CHECK(refusal.status == 400 && !refusal.message.empty());
}

std::optional<control::FaultRule> rule_of(std::string const& text) {
    try {
        return control::parse_fault_rule(text);
    } catch (control::Refusal const& refusal) {
        check_refusal(refusal);
    } catch (text::JsonError const& error) {
        FUZZ_CHECK(*error.what() != '\0');
    }
    return std::nullopt;
}

bool is_equal(std::optional<glacier::Fault> const& a, std::optional<glacier::Fault> const& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    auto const error_of = [](glacier::Fault const& fault) {
        return fault.error ? body_of(*fault.error) : "";
    };
    return error_of(*a) == error_of(*b) && a->after == b->after && a->latency == b->latency &&
           a->timeout_after_bytes == b->timeout_after_bytes && a->wrong_checksum == b->wrong_checksum &&
           a->job_failure == b->job_failure && a->wire.reset == b->wire.reset &&
           a->wire.cut_after_bytes == b->wire.cut_after_bytes && a->wire.flip_at == b->wire.flip_at &&
           a->wire.bytes_per_second == b->wire.bytes_per_second;
}

void check_rule(std::string const& text) {
    auto const rule = rule_of(text);
    if (!rule) return;
    auto const again = rule_of(rule->source.dump());
    FUZZ_CHECK(again && again->source == rule->source && is_equal(again->fault, rule->fault));
    FUZZ_CHECK(rule->fault.latency.count() >= 0 && rule->fault.latency <= std::chrono::hours(1));
    if (rule->fault.error) {
        FUZZ_CHECK(rule->fault.error->status >= 400 && rule->fault.error->status <= 599);
        FUZZ_CHECK(json::accept(body_of(*rule->fault.error)));
    }

    static glacier::Random const random("fuzz");
    control::FaultRules rules(random);
    rules.add(*rule);
    int hits = 0;
    bool applies = false;
    for (auto const& operation : glacier::operations()) {
        for (auto const* const vault : {"v", "other"}) {
            storage::Owner const owner{rule->account.value_or("111122223333"),
                                       rule->region.value_or("us-east-1")};
            bool const matches = rule->matches(operation, owner, vault);
            FUZZ_CHECK(!matches || rule->applies_to(operation));
            auto const chosen = rules.choose(operation, owner, vault);
            FUZZ_CHECK(!chosen || matches);
            hits += chosen ? 1 : 0;
        }
        applies |= rule->applies_to(operation);
    }
    FUZZ_CHECK(applies);
    FUZZ_CHECK(!rule->frequency.times || hits <= *rule->frequency.times);
    FUZZ_CHECK(!rule->frequency.nth || hits <= 1);
    FUZZ_CHECK(rules.list().at(0).fired == static_cast<std::uint64_t>(hits));
}

bool is_modest(json const& value) {
    if (value.is_object()) {
        auto const count = value.value("count", json());
        auto const size = value.value("synthetic", json());
        auto const size_bytes = text::parse_size(size.is_string() ? size.get<std::string>() : size.dump());
        if (value.contains("file") || (count.is_number() && count.get<double>() > count_max) ||
            size_bytes.value_or(0) > synthetic_bytes_max) {
            return false;
        }
    }
    return !value.is_structured() || std::all_of(value.begin(), value.end(), is_modest);
}

void check_message(std::string const& text, control::Refusal const& refusal) {
    check_refusal(refusal);
    FUZZ_CHECK(refusal.message.starts_with("line "));
    auto const line = std::atoll(refusal.message.c_str() + 5);
    FUZZ_CHECK(line >= 1 && line <= 1 + std::count(text.begin(), text.end(), '\n'));
}

void check_seeded(World& world, control::Seeded const& seeded) {
    auto const reading = world.store.read();
    std::uint64_t archives = 0;
    std::uint64_t archive_bytes = 0;
    for (auto const vault_pk : reading->all_vaults()) {
        auto const contents = reading->vault(vault_pk).value().contents;
        archives += contents.archive_count;
        archive_bytes += contents.archive_bytes;
    }
    FUZZ_CHECK(archives == seeded.archives && archive_bytes == seeded.archive_bytes);
    auto const jobs = reading->count_jobs();
    FUZZ_CHECK(jobs.in_progress + jobs.succeeded + jobs.failed == seeded.jobs);
    FUZZ_CHECK(reading->all_vaults().size() <= seeded.vaults);
}

void check_seed(std::string const& text) {
    static World world;
    if (text.size() > 4096) return;
    auto const document = json::parse(
        text, [](int depth, auto, auto const&) { return depth < 40; }, false);
    if (!document.is_discarded() && !is_modest(document)) return;
    control::SeedContext const context{world.store, world.rules, owner, now};
    try {
        check_seeded(world, control::apply_seed({text, "/nonexistent"}, context));
        world.store.reset();
    } catch (control::Refusal const& refusal) {
        check_message(text, refusal);
        FUZZ_CHECK(control::is_unseeded(*world.store.read()));
    }
}

}  // namespace

// The same text as either of the two.
void try_input(std::string_view input) {
    std::string const text(input);
    check_rule(text);
    check_seed(text);
}

}  // namespace firn::fuzz
