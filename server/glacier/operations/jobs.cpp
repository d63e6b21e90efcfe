#include "server/glacier/operations/jobs.hpp"

#include <fmt/format.h>

#include "server/glacier/byte_range.hpp"
#include "server/glacier/limits.hpp"
#include "server/glacier/operations/job_description.hpp"
#include "server/glacier/operations/job_parameters.hpp"
#include "server/glacier/paging.hpp"
#include "server/glacier/reply.hpp"

namespace firn::glacier {
namespace {

constexpr std::string_view jobs_listing = "jobs";

storage::ByteRange retrieval_range(JobParameters const& parameters, storage::Archive const& archive) {
    storage::ByteRange const whole{0, archive.size_bytes - 1};
    if (!parameters.retrieval_byte_range) return whole;
    auto const& text = *parameters.retrieval_byte_range;
    auto const range = parse_range(text);
    if (range && range->last <= whole.last && storage::is_mebibyte_aligned(*range, archive.size_bytes))
        return *range;
    throw errors::invalid_parameter(fmt::format("Invalid retrieval byte range: {}", text),
                                    fmt::format("a range FIRST-LAST begins at a multiple of 1 MiB and ends "
                                                "just before one, or at the archive's last "
                                                "byte, {}",
                                                whole.last));
}

storage::ArchiveRetrieval archive_retrieval(Request const& request, JobParameters const& parameters,
                                            storage::Vault const& vault, storage::View const& view) {
    auto const archive = view.find_archive(request.owner, parameters.archive_id);
    if (!archive || archive->deleted) throw errors::archive_not_found(parameters.archive_id);
    if (archive->vault_pk != vault.vault_pk) throw errors::archive_of_another_vault(request.vault_arn());
    storage::ArchiveRetrieval retrieval;
    retrieval.archive_pk = archive->archive_pk;
    retrieval.archive_id = archive->archive_id;
    retrieval.archive_size_bytes = archive->size_bytes;
    retrieval.archive_tree_hash = archive->tree_hash;
    retrieval.tier = parameters.tier;
    retrieval.range = retrieval_range(parameters, *archive);
    if (retrieval.range.size_bytes() == archive->size_bytes) {
        retrieval.range_tree_hash = archive->tree_hash;
    } else if (storage::is_tree_hash_aligned(retrieval.range, archive->size_bytes)) {
        retrieval.range_tree_hash = view.range_tree_hash(archive->archive_pk, retrieval.range);
    }
    return retrieval;
}

// Throws ServiceError while there is no inventory to retrieve: a first daily inventory can be retrieved only
// some time after it was made.
void require_inventory(Request const& request, storage::Vault const& vault) {
    auto const& timing = request.rules.timing;
    if (timing.inventory == InventoryMode::fresh) return;
    if (vault.inventory_first_at && request.now >= *vault.inventory_first_at + timing.first_inventory_delay)
        return;
    throw errors::inventory_not_ready(request.vault_arn());
}

storage::InventoryRetrieval inventory_retrieval(Request const& request, JobParameters const& parameters,
                                                storage::Vault const& vault) {
    require_inventory(request, vault);
    storage::InventoryRetrieval retrieval;
    retrieval.format = parameters.format;
    retrieval.filter = parameters.filter;
    if (parameters.marker) {
        retrieval.filter.from_number =
            request.rules.random.place_of(*parameters.marker, inventory_listing, vault.vault_pk);
        if (!retrieval.filter.from_number) {
            throw errors::invalid_parameter(
                fmt::format("Invalid marker: {}", *parameters.marker),
                "the marker must come from an earlier inventory job of this vault: DescribeJob shows it "
                "when that job has completed");
        }
    }
    return retrieval;
}

storage::JobStatuses requested_statuses(http::Target const& target) {
    storage::JobStatuses statuses;
    if (auto const code = target.parameter("statuscode")) {
        statuses = {*code == "InProgress", *code == "Succeeded", *code == "Failed"};
        if (!statuses.in_progress && !statuses.succeeded && !statuses.failed) {
            throw errors::invalid_parameter(fmt::format("The job status code is not valid: {}", *code),
                                            "statuscode is InProgress, Succeeded or Failed");
        }
    }
    if (auto const completed = target.parameter("completed")) {
        if (*completed != "true" && *completed != "false") {
            throw errors::invalid_parameter(fmt::format("Invalid completed: {}", *completed),
                                            "completed is true or false");
        }
        bool const wanted = *completed == "true";
        statuses.in_progress = statuses.in_progress && !wanted;
        statuses.succeeded = statuses.succeeded && wanted;
        statuses.failed = statuses.failed && wanted;
    }
    return statuses;
}

}  // namespace

http::Response initiate_job(Request const& request, storage::Transaction& transaction) {
    auto const parameters = parse_job_parameters(request.body, request.owner.region);
    auto const vault = require_vault(request, transaction);
    auto const& timing = request.rules.timing;
    auto const& random = request.rules.random;
    storage::Job job;
    job.vault_pk = vault.vault_pk;
    job.description = parameters.description;
    job.sns_topic = parameters.sns_topic;
    job.failure = request.job_failure;
    job.created_at = request.now;
    storage::Duration duration;
    if (parameters.action == storage::JobAction::archive_retrieval) {
        job.archive = archive_retrieval(request, parameters, vault, transaction);
        job.job_pk = transaction.next_number();
        duration = archive_job_duration(timing, random, job.archive->tier, job.archive->range.size_bytes(),
                                        job.job_pk);
    } else {
        job.inventory = inventory_retrieval(request, parameters, vault);
        job.job_pk = transaction.next_number();
        duration = inventory_job_duration(timing, random, job.job_pk);
    }
    job.job_id = random.id("job", job.job_pk, job_id_length);
    job.due_at = request.now + duration;
    transaction.add_job(job);

    auto response = success_response(request);
    response.fields.add("x-amz-job-id", job.job_id);
    response.fields.add("Location", request.vault_path() + "/jobs/" + job.job_id);
    return response;
}

std::string describe_job(Request const& request, storage::View const& view) {
    auto const vault = require_vault(request, view);
    auto const job = require_job(request, view, vault);
    text::JsonText json;
    describe(json, job, request.vault_arn(), request.rules.random);
    return json.take();
}

std::string list_jobs(Request const& request, storage::View const& view) {
    auto const limit = page_limit(request.target, jobs_per_page_max);
    auto const statuses = requested_statuses(request.target);
    auto const vault = require_vault(request, view);
    auto jobs = view.list_jobs(vault.vault_pk, statuses, page_start(request, jobs_listing, vault.vault_pk),
                               limit + 1);
    std::optional<std::string> marker;
    if (auto const next = cut_page(jobs, limit))
        marker = request.rules.random.marker(jobs_listing, vault.vault_pk, next->job_pk);
    auto const arn = request.vault_arn();
    text::JsonText json;
    json.begin_object().key("JobList").begin_array();
    for (auto const& job : jobs) describe(json, job, arn, request.rules.random);
    json.end_array().member("Marker", marker).end_object();
    return json.take();
}

storage::Job require_job(Request const& request, storage::View const& view, storage::Vault const& vault) {
    auto job = view.find_job(vault.vault_pk, request.resource_id);
    if (!job) throw errors::job_not_found(request.resource_id);
    return *std::move(job);
}

}  // namespace firn::glacier
