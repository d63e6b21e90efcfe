#include "server/glacier/timing.hpp"

#include <algorithm>

namespace firn::glacier {
namespace {
using namespace std::chrono_literals;
using storage::Duration;

Duration draw(DurationRange range, Random const& random, std::int64_t job_pk) {
    return Duration(random.between("duration", job_pk, range.min.count(), range.max.count()));
}

}  // namespace

std::optional<Timing> Timing::profile(std::string_view name) {
    if (name == "instant") return Timing{{0s}, {0s}, {0s}, {0s}};
    if (name == "fast") return Timing{{1s}, {3s}, {5s}, {2s}};
    // Developer guide, "Archive Retrieval Options". Inventories: three observed jobs took about four hours.
    if (name == "aws")
        return Timing{{1min, 5min}, {3h, 5h}, {5h, 12h}, {3h, 5h}, InventoryMode::daily, 250'000'000};
    return std::nullopt;
}

Duration archive_job_duration(Timing const& timing, Random const& random, std::string_view tier,
                              std::uint64_t size_bytes, std::int64_t job_pk) {
    if (tier == "Bulk") return draw(timing.bulk, random, job_pk);
    auto const standard = draw(timing.standard, random, job_pk);
    if (tier != "Expedited") return standard;
    auto const expedited = draw(timing.expedited, random, job_pk);
    if (!timing.expedited_size_bytes_max) return expedited;
    // Unverified: that the time grows in proportion. The developer guide only says that larger archives take
    // longer.
    auto const times = (std::max<std::uint64_t>(size_bytes, 1) - 1) / *timing.expedited_size_bytes_max + 1;
    return std::min(expedited * static_cast<Duration::rep>(times), standard);
}

Duration inventory_job_duration(Timing const& timing, Random const& random, std::int64_t job_pk) {
    return draw(timing.inventory_job, random, job_pk);
}

storage::Time next_inventory_run(Random const& random, storage::Vault const& vault, storage::Time now) {
    constexpr Duration day = 24h;
    Duration const time_of_day(random.between("inventory run", vault.vault_pk, 0, day.count() - 1));
    auto const today = std::chrono::floor<std::chrono::days>(now) + time_of_day;
    auto const next = today > now ? today : today + day;
    bool const is_far_first = !vault.inventory_first_at && next - now > day / 2;
    return is_far_first ? next - day / 2 : next;
}

std::optional<storage::Time> next_inventory_due(Timing const& timing, Random const& random,
                                                storage::Vault const& vault, storage::Time now) {
    if (timing.inventory == InventoryMode::fresh) return std::nullopt;
    return next_inventory_run(random, vault, now);
}

}  // namespace firn::glacier
