// Jobs, from initiation to expiry.
#include <algorithm>
#include <limits>

#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

constexpr auto pk_max = std::numeric_limits<std::int64_t>::max();

constexpr char job_columns[] = R"(
    job_pk, vault_pk, job_id, action, status, status_message, description, sns_topic, created_at, due_at,
    completed_at, failure,
    tier, archive_pk, archive_id, archive_size_bytes, archive_tree_hash, first_byte, last_byte,
    range_tree_hash,
    format, start_at, end_at, entry_limit, from_number, next_number, output_size_bytes)";

Job read_job(Query& query) {
    Job job;
    JobAction action{};
    query.read(job.job_pk, job.vault_pk, job.job_id, action, job.status, job.status_message, job.description,
               job.sns_topic, job.created_at, job.due_at, job.completed_at, job.failure);
    bool const is_archive = action == JobAction::archive_retrieval;
    ArchiveRetrieval archive;
    query.read_if(is_archive, archive.tier, archive.archive_pk, archive.archive_id,
                  archive.archive_size_bytes, archive.archive_tree_hash, archive.range.first,
                  archive.range.last, archive.range_tree_hash);
    InventoryRetrieval inventory;
    query.read_if(!is_archive, inventory.format, inventory.filter.start_at, inventory.filter.end_at,
                  inventory.filter.entry_limit, inventory.filter.from_number, inventory.next_number,
                  inventory.output_size_bytes);
    if (is_archive) {
        job.archive = std::move(archive);
    } else {
        job.inventory = std::move(inventory);
    }
    return job;
}

}  // namespace

std::optional<Job> View::find_job(std::int64_t vault_pk, std::string_view job_id) const {
    static constexpr auto sql =
        join_sql("SELECT ", job_columns, " FROM jobs WHERE job_id = ?1 AND vault_pk = ?2");
    return connection_.query(sql.data()).bind(job_id, vault_pk).first(read_job);
}

std::optional<Job> View::job(std::int64_t job_pk) const {
    static constexpr auto sql = join_sql("SELECT ", job_columns, " FROM jobs WHERE job_pk = ?1");
    return connection_.query(sql.data()).bind(job_pk).first(read_job);
}

std::optional<Job> View::find_job(std::string_view job_id) const {
    static constexpr auto sql = join_sql("SELECT ", job_columns, " FROM jobs WHERE job_id = ?1");
    return connection_.query(sql.data()).bind(job_id).first(read_job);
}

std::vector<Job> View::list_jobs(JobFilter const& filter, std::optional<std::int64_t> from_pk,
                                 std::size_t limit) const {
    static constexpr auto sql = join_sql("SELECT ", job_columns, R"(
        FROM jobs
        WHERE job_pk <= ?4 AND status = coalesce(?5, status) AND +vault_pk IN )",
                                         filtered_vaults, " ORDER BY job_pk DESC LIMIT ?6");
    auto query = connection_.query(sql.data());
    auto const& vault = filter.vault;
    query.bind(vault.owner.account, vault.owner.region, vault.name, from_pk.value_or(pk_max), filter.status,
               limit);
    return query.all(read_job);
}

std::vector<Job> View::list_jobs(std::int64_t vault_pk, JobStatuses statuses,
                                 std::optional<std::int64_t> from_pk, std::size_t limit) const {
    static constexpr auto sql = join_sql("SELECT ", job_columns, R"(
        FROM jobs WHERE vault_pk = ?1 AND status = ?2 AND job_pk <= ?3
        ORDER BY job_pk DESC LIMIT ?4)");
    // One walk down the index for each status, then a merge: no walk reads jobs that are not wanted.
    std::vector<Job> jobs;
    auto const collect = [&](JobStatus status) {
        auto query = connection_.query(sql.data());
        query.bind(vault_pk, status, from_pk.value_or(pk_max), limit);
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
        JobStatus status{};
        std::uint64_t count = 0;
        query.read(status, count);
        switch (status) {
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
    static constexpr auto sql = join_sql("INSERT INTO jobs (", job_columns, R"(
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
            ?21, ?22, ?23, ?24, ?25, NULL, NULL))");
    auto query = connection_.query(sql.data());
    auto const archive = job.archive.value_or(ArchiveRetrieval{});
    auto const inventory = job.inventory.value_or(InventoryRetrieval{});
    auto const of_archive = [&](auto const& value) {
        return job.archive ? std::optional(value) : std::nullopt;
    };
    query.bind(job.job_pk, job.vault_pk, job.job_id, job.action(), job.status, job.status_message,
               job.description, job.sns_topic, job.created_at, job.due_at, job.completed_at, job.failure,
               of_archive(archive.tier), of_archive(archive.archive_pk), of_archive(archive.archive_id),
               of_archive(archive.archive_size_bytes), of_archive(archive.archive_tree_hash),
               of_archive(archive.range.first), of_archive(archive.range.last), archive.range_tree_hash,
               job.inventory ? std::optional(inventory.format) : std::nullopt, inventory.filter.start_at,
               inventory.filter.end_at, inventory.filter.entry_limit, inventory.filter.from_number);
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
    auto query = connection_.query(R"(
        UPDATE jobs SET status = ?2, status_message = 'Succeeded', completed_at = ?3, due_at = ?4,
            next_number = ?5, output_size_bytes = ?6
        WHERE job_pk = ?1)");
    query.bind(job.job_pk, JobStatus::succeeded, completion.at, completion.expires_at, completion.next_number,
               size_bytes);
    query.run();
    note_due(completion.expires_at);
}

void Transaction::fail_job(Job const& job, Time at, Time expires_at, std::string const& message) {
    auto query = connection_.query(R"(
        UPDATE jobs SET status = ?2, status_message = ?3, completed_at = ?4, due_at = ?5
        WHERE job_pk = ?1)");
    query.bind(job.job_pk, JobStatus::failed, message, at, expires_at).run();
    note_due(expires_at);
}

void Transaction::expire_job(Job const& job) {
    connection_.query("DELETE FROM jobs WHERE job_pk = ?1").bind(job.job_pk).run();
    remove_blobs(job.job_pk);
    if (job.archive) remove_unneeded_blobs(job.archive->archive_pk);
}

}  // namespace firn::storage
