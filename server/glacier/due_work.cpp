#include "server/glacier/due_work.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "server/glacier/inventory.hpp"

namespace firn::glacier {
namespace {

// Bounds the memory of a catch-up and the length of its transactions.
constexpr std::size_t steps_per_commit_max = 1000;

bool is_running(std::optional<storage::Job> const& job) {
    return job && job->status == storage::JobStatus::in_progress;
}

bool is_same(storage::Due const& a, storage::Due const& b) {
    return a.kind == b.kind && a.at == b.at && a.pk == b.pk;
}

}  // namespace

void DueWork::run(storage::Time now) {
    try {
        // So it is after the start, and when a snapshot has replaced everything.
        bool const is_unknown = store_.next_due() == storage::Time::min();
        if (is_unknown) date_inventories();
        run_all(now);
    } catch (...) {
        store_.renew_next_due();
        throw;
    }
    if (store_.next_due() <= now) store_.renew_next_due();
}

void DueWork::date_inventories() {
    bool const fresh = rules_.timing.inventory == InventoryMode::fresh;
    auto const undated = fresh ? std::vector<std::int64_t>() : store_.read()->vaults_without_due_inventory();
    if (undated.empty() && !(fresh && store_.read()->has_due_inventories())) return;
    store_.write_and_wait([&](storage::Transaction& transaction) {
        if (fresh) transaction.clear_due_inventories();
        for (auto const vault_pk : undated) {
            auto const vault = transaction.vault(vault_pk);
            if (!vault || !vault->written_at) continue;
            auto const due = next_inventory_run(rules_.random, *vault, *vault->written_at);
            transaction.set_inventory_due(vault_pk, due);
        }
    });
}

void DueWork::run_all(storage::Time now) {
    std::optional<storage::Due> before;
    for (;;) {
        auto const due = store_.read()->list_due(now, steps_per_commit_max);
        if (due.empty()) return;
        if (stopping_) throw std::runtime_error("firn stops; the next start goes on with what is due");
        // The last round did nothing. A snapshot that was made by hand can cause that; the loop would never
        // end.
        if (before && is_same(*before, due.front())) throw std::runtime_error("what is due cannot be done");
        before = due.front();
        std::vector<Step> steps;
        bool inventories_wait = false;
        for (auto const& event : due) {
            // The completion of a job reads the inventories that were due before it, so they are taken first.
            if (event.kind == storage::Due::Kind::job_completes && inventories_wait) {
                commit(std::exchange(steps, {}));
                inventories_wait = false;
            }
            inventories_wait |= event.kind == storage::Due::Kind::inventory;
            if (auto step = step_of(event)) steps.push_back(std::move(step));
        }
        commit(std::move(steps));
    }
}

DueWork::Step DueWork::step_of(storage::Due const& due) {
    if (auto* const step = storage::due_kind(due.kind).step) {
        return [due, step](storage::Transaction& transaction) { step(transaction, due); };
    }
    auto const reading = store_.read();
    auto const job = reading->job(due.pk);
    if (!is_running(job)) return {};
    if (job->failure) return failure_of(*job, due.at);
    return job->inventory ? inventory_completion_of(*reading, *job, due.at) : completion_of(*job, due.at);
}

DueWork::Step DueWork::failure_of(storage::Job const& job, storage::Time at) {
    auto const expires_at = at + rules_.timing.output_lifetime;
    return [job, at, expires_at](storage::Transaction& transaction) {
        if (is_running(transaction.job(job.job_pk))) transaction.fail_job(job, at, expires_at, *job.failure);
    };
}

DueWork::Step DueWork::completion_of(storage::Job const& job, storage::Time at) {
    auto const expires_at = at + rules_.timing.output_lifetime;
    return [job, at, expires_at](storage::Transaction& transaction) {
        if (!is_running(transaction.job(job.job_pk))) return;
        auto const archive = transaction.archive(job.archive->archive_pk);
        if (archive && !archive->deleted) {
            transaction.complete_job(job, {at, expires_at});
        } else {
            // Unverified: the text.
            transaction.fail_job(job, at, expires_at, "The archive was deleted before the job completed.");
        }
    };
}

DueWork::Step DueWork::inventory_completion_of(storage::View const& view, storage::Job const& job,
                                               storage::Time at) {
    auto const vault = view.vault(job.vault_pk);
    if (!vault) return {};
    auto inventory_at = vault->written_at.value_or(at);
    std::optional<std::int64_t> as_of_number;
    if (rules_.timing.inventory == InventoryMode::daily && vault->inventory) {
        inventory_at = vault->inventory->at;
        as_of_number = vault->inventory->number;
    }
    auto const output = store_.stage(0);
    InventoryWriter writer(
        job.inventory->format, vault_arn(vault->owner, vault->name), inventory_at,
        [&output](std::string_view text) { output->write(std::as_bytes(std::span(text))); });
    auto const next = write_inventory(view, job, as_of_number, writer);
    output->finish();
    output->make_durable();
    storage::JobCompletion const completion{at, at + rules_.timing.output_lifetime, next, output};
    return [job, completion](storage::Transaction& transaction) {
        if (is_running(transaction.job(job.job_pk))) transaction.complete_job(job, completion);
    };
}

void DueWork::commit(std::vector<Step> steps) {
    if (steps.empty()) return;
    store_.write_and_wait([&steps](storage::Transaction& transaction) {
        for (auto const& step : steps) step(transaction);
        transaction.renew_next_due();
    });
}

}  // namespace firn::glacier
