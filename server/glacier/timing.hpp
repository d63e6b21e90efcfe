// How long things take: Glacier's time, or a faster one for tests.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "server/glacier/random.hpp"
#include "storage/records.hpp"

namespace firn::glacier {

// Both ends belong to the range.
struct DurationRange {
    storage::Duration min;
    storage::Duration max;
};

// What vault counters and inventories show.
enum class InventoryMode {
    fresh,  // the live state
    daily,  // the state of the last daily run, as Glacier
};

struct Timing {
    DurationRange expedited;
    DurationRange standard;
    DurationRange bulk;
    DurationRange inventory_job;
    InventoryMode inventory = InventoryMode::fresh;
    // Expedited retrievals of larger archives take longer.
    std::uint64_t expedited_size_bytes_max = std::numeric_limits<std::uint64_t>::max();
    // From a vault's first inventory until it can be retrieved (daily mode).
    storage::Duration first_inventory_delay = std::chrono::hours(12);
    // From a job's completion until the job and its output are gone.
    storage::Duration output_lifetime = std::chrono::hours(24);
    // From a multipart upload's last part until it is dropped, and from its end until that is forgotten.
    storage::Duration upload_lifetime = std::chrono::hours(24);
    // How long a vault lock may be in progress.
    storage::Duration lock_lifetime = std::chrono::hours(24);

    // `instant`, `fast` or `aws`; nothing for another name. The durations of `aws` are the documented ones.
    static std::optional<Timing> profile(std::string_view name);
};

// How long this retrieval takes. `tier` is Expedited, Standard or Bulk.
storage::Duration archive_job_duration(Timing const& timing, Random const& random, std::string_view tier,
                                       std::uint64_t size_bytes, std::int64_t job_pk);
storage::Duration inventory_job_duration(Timing const& timing, Random const& random, std::int64_t job_pk);

// When the next daily inventory run passes a vault: at a time of day of its own, after `now`. The first one
// comes within half a day, so that a day after its first upload a vault has an inventory to be retrieved.
storage::Time next_inventory_run(Random const& random, storage::Vault const& vault, storage::Time now);

}  // namespace firn::glacier
