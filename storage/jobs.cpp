// Jobs: their life from initiation to expiry.
#include <algorithm>
#include <limits>

#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

#define JOB_COLUMNS                                                                                  \
    "job_pk, vault_pk, job_id, action, status, status_message, description, sns_topic, created_at, " \
    "due_at, completed_at, tier, archive_pk, archive_id, archive_size_bytes, archive_tree_hash, "    \
    "first_byte, last_byte, range_tree_hash, format, start_at, end_at, entry_limit, from_number, "   \
    "next_number, output_size_bytes, failure"

ArchiveRetrieval read_archive_retrieval(Query& query) {
    ArchiveRetrieval retrieval;
    retrieval.tier = query.text(11);
    retrieval.archive_pk = query.integer(12);
    retrieval.archive_id = query.text(13);
    retrieval.archive_size_bytes = static_cast<std::uint64_t>(query.integer(14));
    retrieval.archive_tree_hash = query.digest(15);
    retrieval.range = {static_cast<std::uint64_t>(query.integer(16)),
                       static_cast<std::uint64_t>(query.integer(17))};
    retrieval.range_tree_hash = query.optional_digest(18);
    return retrieval;
}

InventoryRetrieval read_inventory_retrieval(Query& query) {
    InventoryRetrieval retrieval;
    retrieval.format = query.text(19);
    retrieval.filter.start_at = query.optional_time(20);
    retrieval.filter.end_at = query.optional_time(21);
    retrieval.filter.entry_limit = query.optional_integer(22);
    retrieval.filter.from_number = query.optional_integer(23);
    retrieval.next_number = query.optional_integer(24);
    if (!query.is_null(25)) retrieval.output_size_bytes = static_cast<std::uint64_t>(query.integer(25));
    return retrieval;
}

Job read_job(Query& query) {
    Job job;
    job.job_pk = query.integer(0);
    job.vault_pk = query.integer(1);
    job.job_id = query.text(2);
    job.status = static_cast<JobStatus>(query.integer(4));
    job.status_message = query.optional_text(5);
    job.description = query.optional_text(6);
    job.sns_topic = query.optional_text(7);
    job.created_at = query.time(8);
    job.due_at = query.time(9);
    job.completed_at = query.optional_time(10);
    job.failure = query.optional_text(26);
    if (static_cast<JobAction>(query.integer(3)) == JobAction::archive_retrieval) {
        job.archive = read_archive_retrieval(query);
    } else {
        job.inventory = read_inventory_retrieval(query);
    }
    return job;
}

}  // namespace

std::optional<Job> View::find_job(std::int64_t vault_pk, std::string_view job_id) const {
    auto query = connection_.query("SELECT " JOB_COLUMNS " FROM jobs WHERE job_id = ?1 AND vault_pk = ?2");
    query.bind(job_id, vault_pk);
    return query.step() ? std::optional(read_job(query)) : std::nullopt;
}

std::optional<Job> View::job(std::int64_t job_pk) const {
    auto query = connection_.query("SELECT " JOB_COLUMNS " FROM jobs WHERE job_pk = ?1");
    query.bind(job_pk);
    return query.step() ? std::optional(read_job(query)) : std::nullopt;
}

std::optional<Job> View::find_job(std::string_view job_id) const {
    auto query = connection_.query("SELECT " JOB_COLUMNS " FROM jobs WHERE job_id = ?1");
    query.bind(job_id);
    return query.step() ? std::optional(read_job(query)) : std::nullopt;
}

std::vector<Job> View::list_jobs(JobFilter const& filter, std::optional<std::int64_t> from_pk,
                                 std::size_t limit) const {
    auto query = connection_.query(
        "SELECT " JOB_COLUMNS
        " FROM jobs WHERE job_pk <= ?1 AND status = coalesce(?2, status) AND vault_pk IN"
        " (SELECT vault_pk FROM vaults WHERE account = coalesce(?3, account)"
        " AND region = coalesce(?4, region) AND name = coalesce(?5, name)) ORDER BY job_pk DESC LIMIT ?6");
    auto const status =
        filter.status ? std::optional(static_cast<int>(*filter.status)) : std::optional<int>();
    query.bind(from_pk.value_or(std::numeric_limits<std::int64_t>::max()), status, filter.account,
               filter.region, filter.vault_name, limit);
    std::vector<Job> jobs;
    while (query.step()) jobs.push_back(read_job(query));
    return jobs;
}

std::vector<Job> View::list_jobs(std::int64_t vault_pk, JobStatuses statuses,
                                 std::optional<std::int64_t> from_pk, std::size_t limit) const {
    // One walk down the index a status, then a merge: no filter ever reads past jobs that it does not want.
    std::vector<Job> jobs;
    auto const collect = [&](JobStatus status) {
        auto query = connection_.query("SELECT " JOB_COLUMNS
                                       " FROM jobs WHERE vault_pk = ?1 AND status = ?2 AND job_pk <= ?3"
                                       " ORDER BY job_pk DESC LIMIT ?4");
        query.bind(vault_pk, static_cast<int>(status),
                   from_pk.value_or(std::numeric_limits<std::int64_t>::max()), limit);
        while (query.step()) jobs.push_back(read_job(query));
    };
    if (statuses.in_progress) collect(JobStatus::in_progress);
    if (statuses.succeeded) collect(JobStatus::succeeded);
    if (statuses.failed) collect(JobStatus::failed);
    std::sort(jobs.begin(), jobs.end(), [](Job const& a, Job const& b) { return a.job_pk > b.job_pk; });
    if (jobs.size() > limit) jobs.resize(limit);
    return jobs;
}

JobCounts View::count_jobs() const {
    auto query = connection_.query("SELECT status, count(*) FROM jobs GROUP BY status");
    JobCounts counts;
    while (query.step()) {
        auto const count = static_cast<std::uint64_t>(query.integer(1));
        switch (static_cast<JobStatus>(query.integer(0))) {
            case JobStatus::in_progress:
                counts.in_progress = count;
                break;
            case JobStatus::succeeded:
                counts.succeeded = count;
                break;
            case JobStatus::failed:
                counts.failed = count;
                break;
        }
    }
    return counts;
}

void Transaction::add_job(Job const& job) {
    auto query =
        connection_.query("INSERT INTO jobs (" JOB_COLUMNS
                          ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
                          " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, NULL, NULL, ?25)");
    auto const archive = job.archive.value_or(ArchiveRetrieval{});
    auto const inventory = job.inventory.value_or(InventoryRetrieval{});
    auto const of_archive = [&](auto const& value) {
        return job.archive ? std::optional(value) : std::nullopt;
    };
    query.bind(
        job.job_pk, job.vault_pk, job.job_id, static_cast<int>(job.action()), static_cast<int>(job.status),
        job.status_message, job.description, job.sns_topic, job.created_at, job.due_at, job.completed_at,
        of_archive(archive.tier), of_archive(archive.archive_pk), of_archive(archive.archive_id),
        of_archive(archive.archive_size_bytes), of_archive(archive.archive_tree_hash),
        of_archive(archive.range.first), of_archive(archive.range.last), archive.range_tree_hash,
        job.inventory ? std::optional(inventory.format) : std::nullopt, inventory.filter.start_at,
        inventory.filter.end_at, inventory.filter.entry_limit, inventory.filter.from_number, job.failure);
    query.run();
    note_due(job.due_at);
}

void Transaction::set_job_due(std::int64_t job_pk, Time due) {
    connection_.query("UPDATE jobs SET due_at = ?2 WHERE job_pk = ?1").bind(job_pk, due).run();
    note_due(due);
}

void Transaction::complete_job(Job const& job, JobCompletion const& completion) {
    if (completion.output) add_blob(job.job_pk, 0, completion.output);
    auto const size_bytes =
        completion.output ? std::optional(completion.output->size_bytes()) : std::optional<std::uint64_t>();
    auto query = connection_.query(
        "UPDATE jobs SET status = ?2, status_message = 'Succeeded', completed_at = ?3, due_at = ?4,"
        " next_number = ?5, output_size_bytes = ?6 WHERE job_pk = ?1");
    query.bind(job.job_pk, static_cast<int>(JobStatus::succeeded), completion.at, completion.expires_at,
               completion.next_number, size_bytes);
    query.run();
    note_due(completion.expires_at);
}

void Transaction::fail_job(Job const& job, Time at, Time expires_at, std::string const& message) {
    auto query = connection_.query(
        "UPDATE jobs SET status = ?2, status_message = ?3, completed_at = ?4, due_at = ?5 WHERE job_pk = ?1");
    query.bind(job.job_pk, static_cast<int>(JobStatus::failed), message, at, expires_at).run();
    note_due(expires_at);
}

void Transaction::expire_job(Job const& job) {
    connection_.query("DELETE FROM jobs WHERE job_pk = ?1").bind(job.job_pk).run();
    remove_blobs(job.job_pk);
    if (job.archive) remove_unneeded_blobs(job.archive->archive_pk);
}

}  // namespace firn::storage
