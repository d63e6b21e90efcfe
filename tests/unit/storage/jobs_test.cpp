// Jobs, what is due when, inventories, and how long bytes stay.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;

namespace {

constexpr std::size_t larger_than_inline = inline_size_bytes_max + 1;

std::vector<std::int64_t> pks_of(std::vector<Job> const& jobs) {
    std::vector<std::int64_t> pks;
    pks.reserve(jobs.size());
    for (auto const& job : jobs) pks.push_back(job.job_pk);
    return pks;
}

// All pages of a listing, one after the other: each holds one job more than it shows, where the next one
// begins.
std::vector<std::int64_t> list_in_pages(View const& view, std::int64_t vault_pk, JobStatuses statuses,
                                        std::size_t page_size) {
    std::vector<std::int64_t> pks;
    std::optional<std::int64_t> from;
    do {
        auto jobs = view.list_jobs(vault_pk, statuses, from, page_size + 1);
        from = std::nullopt;
        if (jobs.size() > page_size) {
            from = jobs.back().job_pk;
            jobs.pop_back();
        }
        for (auto const& job : jobs) pks.push_back(job.job_pk);
    } while (from && pks.size() < 1000);  // a listing that is wrong must not run for ever
    return pks;
}

bool is_offered(SampleStore& store, Archive const& archive) {
    return store.content(archive.archive_pk, {0, archive.size_bytes - 1}).size() == archive.size_bytes;
}

bool is_gone(SampleStore& store, Archive const& archive) {
    return store.content(archive.archive_pk, {0, archive.size_bytes - 1}).empty() &&
           eventually([&] { return store.file_count() == 0; });
}

}  // namespace

TEST_CASE("jobs are kept with all that was asked for") {
    SampleStore store;
    auto const vault = store.add_vault();
    auto const archive = store.add_archive(vault.vault_pk, "content");
    Job asked;
    asked.vault_pk = vault.vault_pk;
    asked.description = "why";
    asked.sns_topic = "arn:aws:sns:us-east-1:123456789012:t";
    asked.created_at = at(5);
    asked.due_at = at(6);
    asked.failure = "no luck";
    asked.inventory = InventoryRetrieval{"CSV", {at(1), at(2), 3, 4}, std::nullopt, std::nullopt};
    auto const inventory_job = store.add_job(asked);
    auto const kept = *store->read()->find_job(vault.vault_pk, inventory_job.job_id);
    CHECK(kept.action() == JobAction::inventory_retrieval);
    CHECK(kept.status == JobStatus::in_progress);
    CHECK(kept.description == asked.description);
    CHECK(kept.sns_topic == asked.sns_topic);
    CHECK(kept.created_at == at(5));
    CHECK(kept.failure == "no luck");
    CHECK(kept.inventory->format == "CSV");
    CHECK(kept.inventory->filter.start_at == at(1));
    CHECK(kept.inventory->filter.end_at == at(2));
    CHECK(kept.inventory->filter.entry_limit == 3);
    CHECK(kept.inventory->filter.from_number == 4);

    auto const archive_job = store.add_archive_job(archive);
    auto const retrieval = store->read()->job(archive_job.job_pk)->archive;
    REQUIRE(retrieval);
    CHECK_FALSE(store->read()->job(archive_job.job_pk)->failure);
    CHECK(retrieval->archive_id == archive.archive_id);
    CHECK(retrieval->archive_size_bytes == 7);
    CHECK(retrieval->archive_tree_hash == archive.tree_hash);
    CHECK(retrieval->range == ByteRange{0, 6});
    CHECK_FALSE(retrieval->range_tree_hash);
}

TEST_CASE("jobs are counted by status, over all vaults") {
    SampleStore store;
    auto const first = store.add_vault("a").vault_pk;
    auto const second = store.add_vault("b").vault_pk;
    CHECK(store->read()->count_jobs().in_progress == 0);
    for (int i = 0; i < 3; ++i) store.add_inventory_job(first);
    for (int i = 0; i < 2; ++i) store.complete(store.add_inventory_job(second));
    store.fail(store.add_inventory_job(second));
    auto const counts = store->read()->count_jobs();
    CHECK(counts.in_progress == 3);
    CHECK(counts.succeeded == 2);
    CHECK(counts.failed == 1);
}

TEST_CASE("a job belongs to its vault") {
    SampleStore store;
    auto const vault = store.add_vault("a");
    auto const other = store.add_vault("b");
    auto const job = store.add_inventory_job(vault.vault_pk);
    CHECK(store->read()->find_job(vault.vault_pk, job.job_id));
    CHECK_FALSE(store->read()->find_job(other.vault_pk, job.job_id));
    CHECK(store->read()->list_jobs(other.vault_pk, {}, std::nullopt, 10).empty());
}

TEST_CASE("a list of jobs is newest first, by status, in pages without gaps or duplicates") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    auto const other = store.add_vault("other").vault_pk;
    std::vector<Job> jobs;
    for (int i = 0; i < 300; ++i) {
        jobs.push_back(store.add_inventory_job(vault));
        if (i % 10 == 0) store.add_inventory_job(other);
        // Runs of one status as well as quick changes.
        if (i % 3 == 1 || (i > 100 && i < 150)) store.complete(jobs.back());
        if (i % 3 == 2 && (i < 100 || i > 200)) store.fail(jobs.back());
    }
    auto const reading = store->read();
    for (int mask = 0; mask < 8; ++mask) {
        JobStatuses const statuses{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
        std::vector<std::int64_t> expected;
        for (auto const& job : jobs) {
            auto const status = reading->job(job.job_pk)->status;
            if ((mask >> static_cast<int>(status) & 1) != 0) expected.insert(expected.begin(), job.job_pk);
        }
        CAPTURE(mask);
        CHECK(expected.empty() == (mask == 0));
        CHECK(pks_of(reading->list_jobs(vault, statuses, std::nullopt, 1000)) == expected);
        CHECK(list_in_pages(*reading, vault, statuses, 1) == expected);
        CHECK(list_in_pages(*reading, vault, statuses, 7) == expected);
        CHECK(list_in_pages(*reading, vault, statuses, 50) == expected);
    }
}

TEST_CASE("what is due comes in order of time, then of creation, and no more than asked for") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    auto const late = store.add_inventory_job(vault, 30).job_pk;
    auto const early = store.add_inventory_job(vault, 10).job_pk;
    auto const finished = store.add_inventory_job(vault, 5);
    store.complete(finished, 20);
    auto const failed = store.add_inventory_job(vault, 5);
    store.fail(failed, 20);
    store.add_archive(vault, "x", 0, at(20));
    auto const text = [&](Time now, std::size_t limit) {
        std::string due;
        for (auto const& event : store->read()->list_due(now, limit)) {
            due += "cei"[static_cast<int>(event.kind)] + std::to_string(event.pk) + "@" +
                   std::to_string(event.at.time_since_epoch().count() / 1000) + " ";
        }
        return due;
    };
    auto const e = "c" + std::to_string(early) + "@10 ";
    auto const i = "i" + std::to_string(vault) + "@20 ";
    auto const x = "e" + std::to_string(finished.job_pk) + "@20 e" + std::to_string(failed.job_pk) + "@20 ";
    auto const l = "c" + std::to_string(late) + "@30 ";
    CHECK(text(at(9), 100).empty());
    CHECK(text(at(10), 100) == e);
    CHECK(text(at(29), 100) == e + i + x);
    CHECK(text(at(30), 100) == e + i + x + l);
    CHECK(text(at(30), 2) == e + i);
}

TEST_CASE("the next due time is the earliest of jobs and inventories, past ones included") {
    SampleStore store;
    CHECK_FALSE(store->read()->next_due());
    auto const vault = store.add_vault("v").vault_pk;
    CHECK_FALSE(store->read()->next_due());
    store.add_archive(vault, "x", 0, at(50));
    CHECK(store->read()->next_due() == at(50));
    auto const job = store.add_inventory_job(vault, -7);
    CHECK(store->read()->next_due() == at(-7));
    store.complete(job, 60);
    CHECK(store->read()->next_due() == at(50));
    store.take_inventory(vault, at(50));
    CHECK(store->read()->next_due() == at(60));
    store.expire(job);
    CHECK_FALSE(store->read()->next_due());
}

TEST_CASE("the store knows no later than a commit what it makes due, and by request what is due next") {
    SampleStore store;
    CHECK(store->next_due() == Time::min());
    store->renew_next_due();
    CHECK(store->next_due() == Time::max());
    auto const vault = store.add_vault("v").vault_pk;
    auto const job = store.add_inventory_job(vault, 50);
    CHECK(store->next_due() == at(50));
    store.add_inventory_job(vault, 60);
    CHECK(store->next_due() == at(50));
    // What is taken away leaves it too early, until somebody asks.
    store.complete(job, 70);
    CHECK(store->next_due() == at(50));
    store->renew_next_due();
    CHECK(store->next_due() == at(60));
    store->reset();
    CHECK(store->next_due() == Time::min());
}

TEST_CASE("a write sees what is due by the commits before its own") {
    SampleStore store;
    store->renew_next_due();
    auto const vault = store.add_vault("v").vault_pk;
    std::vector<Time> seen;
    store->write_and_wait([&](Transaction& transaction) {
        transaction.set_inventory_due(vault, at(5));
        seen.push_back(store->next_due());
    });
    CHECK(seen == std::vector{Time::max()});
    CHECK(store->next_due() == at(5));
}

TEST_CASE("whoever listens hears the earliest due time of each commit, and none of a write that was undone") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    std::vector<Time> heard;
    store->set_due_listener([&](Time due) { heard.push_back(due); });
    auto const add = [&](Transaction& transaction, std::int64_t due_at_s) {
        Job job;
        job.job_pk = transaction.next_number();
        job.vault_pk = vault;
        job.job_id = std::to_string(job.job_pk);
        job.due_at = at(due_at_s);
        job.inventory.emplace();
        transaction.add_job(job);
    };
    store->write_and_wait([&](Transaction& transaction) {
        add(transaction, 9);
        add(transaction, 7);
        add(transaction, 8);
    });
    auto const add_and_fail = [&](Transaction& transaction) {
        add(transaction, 1);
        throw std::runtime_error("no");
    };
    CHECK_THROWS_AS(store->write_and_wait(add_and_fail), std::runtime_error);
    store->set_due_listener({});
    CHECK(heard == std::vector{at(7)});
}

TEST_CASE("a deleted archive's bytes stay while a finished job offers them") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    auto const first = store.add_archive_job(archive);
    auto const second = store.add_archive_job(archive);
    store.complete(first);
    store.complete(second);
    store.delete_archive(archive);
    CHECK(store->read()->find_archive(own, archive.archive_id)->deleted);
    CHECK(is_offered(store, archive));
    store.expire(first);
    CHECK(is_offered(store, archive));
    store.expire(second);
    CHECK(is_gone(store, archive));
}

TEST_CASE("a job that runs or failed keeps no deleted archive's bytes") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    store.add_archive_job(archive);
    store.fail(store.add_archive_job(archive));
    store.delete_archive(archive);
    CHECK(is_gone(store, archive));
}

TEST_CASE("an archive that is there outlives the jobs that retrieved it") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    auto const job = store.add_archive_job(archive);
    store.complete(job);
    store.expire(job);
    CHECK_FALSE(store->read()->job(job.job_pk));
    CHECK(is_offered(store, archive));
}

TEST_CASE("an inventory's output goes with its job") {
    SampleStore store;
    auto const job = store.add_inventory_job(store.add_vault().vault_pk);
    auto const output = pattern(larger_than_inline);
    store.complete(job, 100, output);
    auto const completed = *store->read()->job(job.job_pk);
    CHECK(completed.status_message == "Succeeded");
    CHECK(completed.inventory->output_size_bytes == output.size());
    CHECK(completed.due_at == at(100));
    CHECK(store.content(job.job_pk, {0, output.size() - 1}) == output);
    store.expire(job);
    CHECK(eventually([&] { return store.file_count() == 0; }));
}
