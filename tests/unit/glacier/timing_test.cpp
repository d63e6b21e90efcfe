#include "server/glacier/timing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "server/config.hpp"

using namespace firn::glacier;
using namespace std::chrono_literals;
using firn::storage::Duration;
using firn::storage::Time;

namespace {

Random const random_source("seed");

struct Drawn {
    Duration min = Duration::max();
    Duration max = Duration::min();

    void add(Duration duration) {
        min = std::min(min, duration);
        max = std::max(max, duration);
    }
    bool lies_in(Duration low, Duration high) const { return low <= min && max <= high; }
};

Drawn durations(Timing const& timing, std::string_view tier, std::uint64_t size_bytes = 1) {
    Drawn drawn;
    for (int job_pk = 0; job_pk < 200; ++job_pk) {
        drawn.add(archive_job_duration(timing, random_source, tier, size_bytes, job_pk));
    }
    return drawn;
}

}  // namespace

TEST_CASE("instant retrievals take no time, fast ones seconds, and both show the live state") {
    auto const instant = *Timing::profile("instant");
    auto const fast = *Timing::profile("fast");
    for (auto const* const tier : {"Expedited", "Standard", "Bulk"}) {
        CAPTURE(tier);
        CHECK(durations(instant, tier).lies_in(0s, 0s));
        CHECK(durations(fast, tier).lies_in(1ms, 10s));
    }
    CHECK(inventory_job_duration(instant, random_source, 1) == 0s);
    CHECK(inventory_job_duration(fast, random_source, 1) > 0s);
    CHECK(inventory_job_duration(fast, random_source, 1) <= 10s);
    CHECK(instant.inventory == InventoryMode::fresh);
    CHECK(fast.inventory == InventoryMode::fresh);
    CHECK(durations(fast, "Expedited").max < durations(fast, "Standard").min);
    CHECK(durations(fast, "Standard").max < durations(fast, "Bulk").min);
}

// reference/glacier-api.md 6.2 and 6.3
TEST_CASE("the service's retrievals take the documented time, and not always the same") {
    auto const aws = *Timing::profile("aws");
    auto const expedited = durations(aws, "Expedited", 249'000'000);
    CHECK(expedited.lies_in(1min, 5min));
    CHECK(expedited.max > expedited.min + 1min);
    auto const standard = durations(aws, "Standard", 1'000'000'000'000);
    CHECK(standard.lies_in(3h, 5h));
    CHECK(standard.max > standard.min + 1h);
    auto const bulk = durations(aws, "Bulk");
    CHECK(bulk.lies_in(5h, 12h));
    CHECK(bulk.max > bulk.min + 3h);
    Drawn inventory;
    for (int job_pk = 0; job_pk < 200; ++job_pk)
        inventory.add(inventory_job_duration(aws, random_source, job_pk));
    CHECK(inventory.lies_in(1h, 6h));
    CHECK(aws.inventory == InventoryMode::daily);
    CHECK(aws.output_lifetime == 24h);
    CHECK(aws.first_inventory_delay >= 12h);
}

TEST_CASE("an expedited retrieval of more bytes takes longer, but not longer than a standard one") {
    auto const aws = *Timing::profile("aws");
    auto const duration = [&](std::uint64_t size_bytes) {
        return archive_job_duration(aws, random_source, "Expedited", size_bytes, 1);
    };
    CHECK(duration(0) == duration(1));
    CHECK(duration(250'000'000) == duration(1));
    CHECK(duration(250'000'001) > duration(1));
    CHECK(duration(1'000'000'000) > duration(300'000'000));
    CHECK(duration(40'000'000'000'000) == archive_job_duration(aws, random_source, "Standard", 1, 1));
}

TEST_CASE("an expedited duration that the user sets is that of all sizes") {
    firn::Config config;
    config.timing = "aws";
    config.expedited = 1min;
    CHECK(durations(timing_of(config), "Expedited", 40'000'000'000'000).lies_in(1min, 1min));
    config.standard = 1s;
    CHECK(durations(timing_of(config), "Expedited", 1).lies_in(1min, 1min));
}

TEST_CASE("durations are drawn between the ends of a range") {
    firn::Config config;
    config.standard = {2h, 4h};
    auto const standard = durations(timing_of(config), "Standard");
    CHECK(standard.lies_in(2h, 4h));
    CHECK(standard.max > standard.min + 1h);
    config.standard = {0ms, 1ms};
    auto const ends = durations(timing_of(config), "Standard");
    CHECK(ends.min == 0ms);
    CHECK(ends.max == 1ms);
}

TEST_CASE("a job's duration is its own and repeatable") {
    auto const aws = *Timing::profile("aws");
    CHECK(archive_job_duration(aws, random_source, "Bulk", 1, 5) ==
          archive_job_duration(aws, Random("seed"), "Bulk", 1, 5));
    CHECK(archive_job_duration(aws, random_source, "Bulk", 1, 5) !=
          archive_job_duration(aws, random_source, "Bulk", 1, 6));
}

TEST_CASE("there is no profile of another name") {
    CHECK_FALSE(Timing::profile("slow"));
    CHECK_FALSE(Timing::profile("AWS"));
    CHECK_FALSE(Timing::profile(""));
}

TEST_CASE("the next inventory run comes within a day, at the vault's own time of day") {
    Time const midnight = std::chrono::sys_days(std::chrono::year(2012) / 3 / 20);
    std::set<Duration> times_of_day;
    for (int vault_pk = 0; vault_pk < 50; ++vault_pk) {
        firn::storage::Vault vault;
        vault.vault_pk = vault_pk;
        vault.inventory_first_at = midnight;
        auto const run = next_inventory_run(random_source, vault, midnight);
        times_of_day.insert(run - std::chrono::floor<std::chrono::days>(run));
        for (auto now = midnight - 24h; now < midnight + 48h; now += 97min) {
            auto const next = next_inventory_run(random_source, vault, now);
            CHECK(next > now);
            CHECK(next <= now + 24h);
            CHECK((next - run) % std::chrono::milliseconds(24h) == 0ms);
        }
        // At the very moment of a run, the next one is tomorrow's.
        CHECK(next_inventory_run(random_source, vault, run) == run + 24h);
        CHECK(next_inventory_run(random_source, vault, run - 1ms) == run);
    }
    CHECK(times_of_day.size() > 40);
}

TEST_CASE("the first inventory run of a vault comes within half a day") {
    Time const midnight = std::chrono::sys_days(std::chrono::year(2012) / 3 / 20);
    for (int vault_pk = 0; vault_pk < 50; ++vault_pk) {
        firn::storage::Vault vault;
        vault.vault_pk = vault_pk;
        auto const first = next_inventory_run(random_source, vault, midnight);
        CHECK(first > midnight);
        CHECK(first <= midnight + 12h);
        vault.inventory_first_at = first;
        CHECK((next_inventory_run(random_source, vault, midnight) - first) % std::chrono::milliseconds(12h) ==
              0ms);
    }
}

TEST_CASE("timing is the profile with what was said otherwise") {
    firn::Config config;
    config.timing = "aws";
    CHECK(timing_of(config).standard.min == 3h);
    CHECK(timing_of(config).inventory == InventoryMode::daily);

    config.standard = 7s;
    config.bulk = 8s;
    config.expedited = 9s;
    config.inventory_job = 10s;
    config.inventory = "fresh";
    config.first_inventory_delay = 11s;
    config.output_lifetime = 12s;
    config.upload_lifetime = 13s;
    config.lock_lifetime = 14s;
    auto const timing = timing_of(config);
    auto const is_exactly = [](DurationRange range, Duration duration) {
        return range.min == duration && range.max == duration;
    };
    CHECK(is_exactly(timing.standard, 7s));
    CHECK(is_exactly(timing.bulk, 8s));
    CHECK(is_exactly(timing.expedited, 9s));
    CHECK(is_exactly(timing.inventory_job, 10s));
    CHECK(timing.inventory == InventoryMode::fresh);
    CHECK(timing.first_inventory_delay == 11s);
    CHECK(timing.output_lifetime == 12s);
    CHECK(timing.upload_lifetime == 13s);
    CHECK(timing.lock_lifetime == 14s);

    firn::Config daily;
    daily.timing = "instant";
    daily.inventory = "daily";
    CHECK(timing_of(daily).inventory == InventoryMode::daily);
}
