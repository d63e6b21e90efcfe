// How long jobs and inventories take: the times of Glacier, or shorter ones for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/glacier/random.hpp"
#include "server/text/duration.hpp"
#include "storage/records.hpp"

namespace firn::glacier {

using text::DurationRange;

// What vault counters and inventories show.
enum class InventoryMode {
    fresh,  // the current contents
    daily,  // the contents at the last daily run, as in Glacier
};

struct Timing {
    DurationRange expedited;
    DurationRange standard;
    DurationRange bulk;
    DurationRange inventory_job;
    InventoryMode inventory = InventoryMode::fresh;
    // Expedited retrievals of more bytes take longer, but no longer than Standard ones. Nothing: the size has
    // no effect.
    std::optional<std::uint64_t> expedited_size_bytes_max = std::nullopt;
    // From a vault's first inventory until it can be retrieved (daily mode).
    storage::Duration first_inventory_delay = std::chrono::hours(12);
    // From a job's completion until the job and its output are removed.
    storage::Duration output_lifetime = std::chrono::hours(24);
    // From the last part of an open upload until the upload is dropped, and from the end of an upload until
    // it is forgotten.
    storage::Duration upload_lifetime = std::chrono::hours(24);
    // How long a vault lock may stay in progress.
    storage::Duration lock_lifetime = std::chrono::hours(24);

    // The profile `instant`, `fast` or `aws`; nothing for another name. `aws` has the documented durations.
    static std::optional<Timing> profile(std::string_view name);
};

// How long the retrieval of `size_bytes` of an archive takes. `tier` is Expedited, Standard or Bulk.
storage::Duration archive_job_duration(Timing const& timing, Random const& random, std::string_view tier,
                                       std::uint64_t size_bytes, std::int64_t job_pk);
storage::Duration inventory_job_duration(Timing const& timing, Random const& random, std::int64_t job_pk);

// When the next daily inventory of a vault is made: after `now`, at a time of day that differs from vault to
// vault. The first one is made within half a day, so that a vault's inventory can be retrieved a day after
// its first upload.
storage::Time next_inventory_run(Random const& random, storage::Vault const& vault, storage::Time now);

// The same, but nothing when inventories are always fresh.
std::optional<storage::Time> next_inventory_due(Timing const& timing, Random const& random,
                                                storage::Vault const& vault, storage::Time now);

}  // namespace firn::glacier
