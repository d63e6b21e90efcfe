#include "server/glacier/job_description.hpp"

#include <fmt/format.h>

#include "server/glacier/timestamp.hpp"

namespace firn::glacier {
namespace {
using nlohmann::json;

template <typename T>
json or_null(std::optional<T> const& value) {
    return value ? json(*value) : json();
}

json date_or_null(std::optional<storage::Time> const& time) {
    return time ? json(format_milliseconds(*time)) : json();
}

void add_archive_members(json& description, storage::ArchiveRetrieval const& archive, bool completed) {
    description["Action"] = "ArchiveRetrieval";
    description["ArchiveId"] = archive.archive_id;
    description["ArchiveSHA256TreeHash"] = storage::to_hex(archive.archive_tree_hash);
    description["ArchiveSizeInBytes"] = archive.archive_size_bytes;
    description["RetrievalByteRange"] = fmt::format("{}-{}", archive.range.first, archive.range.last);
    if (completed && archive.range_tree_hash) {
        description["SHA256TreeHash"] = storage::to_hex(*archive.range_tree_hash);
    }
    description["Tier"] = archive.tier;
}

void add_inventory_members(json& description, storage::Job const& job, Random const& random) {
    auto const& inventory = *job.inventory;
    // The marker of the request while the job runs, then that of the next page.
    bool const completed = job.status != storage::JobStatus::in_progress;
    auto const& place = completed ? inventory.next_number : inventory.filter.from_number;
    auto const& limit = inventory.filter.entry_limit;
    description["Action"] = "InventoryRetrieval";
    description["InventoryRetrievalParameters"] = {
        {"EndDate", date_or_null(inventory.filter.end_at)},
        {"Format", inventory.format},
        {"Limit", limit ? json(std::to_string(*limit)) : json()},
        {"Marker", place ? json(random.marker(inventory_listing, job.vault_pk, *place)) : json()},
        {"StartDate", date_or_null(inventory.filter.start_at)},
    };
    description["InventorySizeInBytes"] = or_null(inventory.output_size_bytes);
}

}  // namespace

char const* name_of(storage::JobStatus status) {
    switch (status) {
        case storage::JobStatus::succeeded:
            return "Succeeded";
        case storage::JobStatus::failed:
            return "Failed";
        case storage::JobStatus::in_progress:
            break;
    }
    return "InProgress";
}

json describe(storage::Job const& job, std::string const& vault_arn, Random const& random) {
    bool const completed = job.status != storage::JobStatus::in_progress;
    json description = {
        {"ArchiveId", nullptr},
        {"ArchiveSHA256TreeHash", nullptr},
        {"ArchiveSizeInBytes", nullptr},
        {"Completed", completed},
        {"CompletionDate", date_or_null(job.completed_at)},
        {"CreationDate", format_milliseconds(job.created_at)},
        {"InventorySizeInBytes", nullptr},
        {"JobDescription", or_null(job.description)},
        {"JobId", job.job_id},
        {"RetrievalByteRange", nullptr},
        {"SHA256TreeHash", nullptr},
        {"SNSTopic", or_null(job.sns_topic)},
        {"StatusCode", name_of(job.status)},
        {"StatusMessage", or_null(job.status_message)},
        {"VaultARN", vault_arn},
    };
    if (job.archive) {
        add_archive_members(description, *job.archive, completed);
    } else {
        add_inventory_members(description, job, random);
    }
    return description;
}

}  // namespace firn::glacier
