#include "server/glacier/operations/job_description.hpp"

#include <fmt/format.h>

#include "storage/hash/sha256.hpp"

namespace firn::glacier {
namespace {

// A member of a part that the job may not have.
template <typename Part, typename Member>
std::optional<Member> of(std::optional<Part> const& part, Member Part::*member) {
    return part ? std::optional((*part).*member) : std::nullopt;
}

std::optional<std::string> hex_of(std::optional<storage::Digest> const& digest) {
    return digest ? std::optional(storage::to_hex(*digest)) : std::nullopt;
}

std::optional<std::string> text_of(std::optional<storage::ByteRange> const& range) {
    return range ? std::optional(fmt::format("{}-{}", range->first, range->last)) : std::nullopt;
}

void write_inventory_parameters(text::JsonText& json, storage::Job const& job, Random const& random) {
    auto const& inventory = *job.inventory;
    auto const& limit = inventory.filter.entry_limit;
    // While the job runs, the marker of its request; after that, the marker of the next page.
    bool const completed = job.status != storage::JobStatus::in_progress;
    auto const& place = completed ? inventory.next_number : inventory.filter.from_number;
    std::optional<std::string> marker;
    if (place) marker = random.marker(inventory_listing, job.vault_pk, *place);
    json.begin_object();
    json.member("EndDate", inventory.filter.end_at).member("Format", inventory.format);
    json.member("Limit", limit ? std::optional(std::to_string(*limit)) : std::nullopt);
    json.member("Marker", marker).member("StartDate", inventory.filter.start_at);
    json.end_object();
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

void describe(text::JsonText& json, storage::Job const& job, std::string_view vault_arn,
              Random const& random) {
    using storage::ArchiveRetrieval;
    bool const completed = job.status != storage::JobStatus::in_progress;
    auto const range_tree_hash = job.archive ? job.archive->range_tree_hash : std::nullopt;
    json.begin_object();
    json.member("Action", job.archive ? "ArchiveRetrieval" : "InventoryRetrieval");
    json.member("ArchiveId", of(job.archive, &ArchiveRetrieval::archive_id));
    json.member("ArchiveSHA256TreeHash", hex_of(of(job.archive, &ArchiveRetrieval::archive_tree_hash)));
    json.member("ArchiveSizeInBytes", of(job.archive, &ArchiveRetrieval::archive_size_bytes));
    json.member("Completed", completed).member("CompletionDate", job.completed_at);
    json.member("CreationDate", job.created_at);
    json.key("InventoryRetrievalParameters");
    if (job.inventory) {
        write_inventory_parameters(json, job, random);
    } else {
        json.value(nullptr);
    }
    json.member("InventorySizeInBytes", job.inventory ? job.inventory->output_size_bytes : std::nullopt);
    json.member("JobDescription", job.description).member("JobId", job.job_id);
    json.member("JobOutputPath", nullptr).member("OutputLocation", nullptr);
    json.member("RetrievalByteRange", text_of(of(job.archive, &ArchiveRetrieval::range)));
    json.member("SHA256TreeHash", hex_of(range_tree_hash)).member("SNSTopic", job.sns_topic);
    json.member("SelectParameters", nullptr);
    json.member("StatusCode", name_of(job.status)).member("StatusMessage", job.status_message);
    json.member("Tier", of(job.archive, &ArchiveRetrieval::tier));
    json.member("VaultARN", vault_arn).end_object();
}

}  // namespace firn::glacier
