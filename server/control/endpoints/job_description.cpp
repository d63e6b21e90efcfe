#include "server/control/endpoints/job_description.hpp"

#include <fmt/format.h>

#include "server/control/endpoints/listing.hpp"
#include "server/glacier/operations/job_description.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;
using storage::JobStatus;

// The members of an archive retrieval; null for an inventory retrieval.
ordered_json archive_members(storage::Job const& job) {
    auto const archive = job.archive.value_or(storage::ArchiveRetrieval{});
    auto const range_tree_hash =
        archive.range_tree_hash ? std::optional(storage::to_hex(*archive.range_tree_hash)) : std::nullopt;
    ordered_json json{{"tier", archive.tier},
                      {"archive_id", archive.archive_id},
                      {"archive_size_bytes", archive.archive_size_bytes},
                      {"archive_tree_hash", storage::to_hex(archive.archive_tree_hash)},
                      {"retrieval_byte_range", fmt::format("{}-{}", archive.range.first, archive.range.last)},
                      {"range_tree_hash", or_null(range_tree_hash)}};
    if (!job.archive) {
        for (auto& member : json) member = nullptr;
    }
    return json;
}

// The members of an inventory retrieval; null for an archive retrieval.
ordered_json inventory_members(storage::Job const& job, glacier::Random const& random) {
    auto const inventory = job.inventory.value_or(storage::InventoryRetrieval{});
    auto const marker = [&](std::optional<std::int64_t> const& number) {
        return number ? ordered_json(random.marker(glacier::inventory_listing, job.vault_pk, *number))
                      : ordered_json();
    };
    return {{"format", job.inventory ? ordered_json(inventory.format) : ordered_json()},
            {"start_date", or_null(inventory.filter.start_at)},
            {"end_date", or_null(inventory.filter.end_at)},
            {"limit", or_null(inventory.filter.entry_limit)},
            {"marker", marker(inventory.filter.from_number)},
            {"next_marker", marker(inventory.next_number)}};
}

// Nothing when it is not known yet, or when there is none.
std::optional<std::uint64_t> output_size_bytes(storage::Job const& job) {
    if (job.status == JobStatus::failed) return std::nullopt;
    if (job.inventory) return job.inventory->output_size_bytes;
    return job.archive->range.last - job.archive->range.first + 1;
}

}  // namespace

ordered_json describe(storage::Job const& job, storage::View const& view, glacier::Random const& random) {
    bool const is_running = job.status == JobStatus::in_progress;
    ordered_json json{{"job_id", job.job_id}};
    json.update(names_of_vault(view, job.vault_pk));
    json.update({{"action", job.archive ? "ArchiveRetrieval" : "InventoryRetrieval"},
                 {"status", glacier::name_of(job.status)},
                 {"status_message", or_null(job.status_message)},
                 {"description", or_null(job.description)},
                 {"sns_topic", or_null(job.sns_topic)}});
    json.update(archive_members(job));
    json.update(inventory_members(job, random));
    json.update({{"output_size_bytes", or_null(output_size_bytes(job))},
                 {"created_at", text::format_milliseconds(job.created_at)},
                 {"due_at", text::format_milliseconds(job.due_at)},
                 {"completed_at", or_null(job.completed_at)},
                 {"expires_at", or_null(is_running ? std::nullopt : std::optional(job.due_at))},
                 {"planned_failure", or_null(is_running ? job.failure : std::nullopt)}});
    return json;
}

}  // namespace firn::control
