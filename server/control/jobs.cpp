// Jobs of all vaults: shown, completed or failed before their time.
#include <fmt/format.h>

#include "server/control/routes.hpp"
#include "server/glacier/operations/job_description.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

constexpr std::size_t jobs_per_page_max = 1000;
constexpr std::string_view jobs_listing = "all jobs";

std::optional<std::string> date(std::optional<storage::Time> const& time) {
    return time ? std::optional(text::format_milliseconds(*time)) : std::nullopt;
}

ordered_json describe(storage::Job const& job, storage::Vault const& vault) {
    auto const archive = job.archive.value_or(storage::ArchiveRetrieval{});
    auto const of_archive = [&](std::string const& text) {
        return job.archive ? ordered_json(text) : ordered_json();
    };
    return {{"job_id", job.job_id},
            {"account", vault.owner.account},
            {"region", vault.owner.region},
            {"vault", vault.name},
            {"action", job.archive ? "ArchiveRetrieval" : "InventoryRetrieval"},
            {"status", glacier::name_of(job.status)},
            {"status_message", or_null(job.status_message)},
            {"description", or_null(job.description)},
            {"tier", of_archive(archive.tier)},
            {"archive_id", of_archive(archive.archive_id)},
            {"created_at", date(job.created_at).value()},
            {"completed_at", or_null(date(job.completed_at))},
            {"due_at", date(job.due_at).value()}};
}

ordered_json describe(storage::Job const& job, storage::View const& view) {
    return describe(job, view.vault(job.vault_pk).value_or(storage::Vault{}));
}

storage::Job require_job(Call const& call, storage::View const& view) {
    auto const& job_id = call.path.at("job_id");
    auto job = view.find_job(job_id);
    if (!job) throw Refusal{404, "there is no job " + job_id};
    return *std::move(job);
}

storage::Job require_running_job(Call const& call, storage::View const& view) {
    auto job = require_job(call, view);
    if (job.status == storage::JobStatus::in_progress) return job;
    throw Refusal{409, fmt::format("the job has completed already: {}", glacier::name_of(job.status))};
}

std::optional<storage::JobStatus> requested_status(Call const& call) {
    auto const text = call.text("status");
    if (!text) return std::nullopt;
    using enum storage::JobStatus;
    for (auto const status : {in_progress, succeeded, failed}) {
        if (*text == glacier::name_of(status)) return status;
    }
    throw Refusal{400, "status is InProgress, Succeeded or Failed"};
}

}  // namespace

http::Response list_jobs(Call const& call, House& house) {
    auto const& random = house.rules.random;
    storage::JobFilter const filter{requested_status(call), call.text("account"), call.text("region"),
                                    call.text("vault")};
    auto const limit = std::min(call.number("limit").value_or(jobs_per_page_max), jobs_per_page_max);
    if (limit == 0) throw Refusal{400, "limit is a number from 1"};
    std::optional<std::int64_t> from;
    if (auto const marker = call.text("marker")) {
        from = random.place_of(*marker, jobs_listing, 0);
        if (!from) throw Refusal{400, "the marker is none of this listing"};
    }
    auto const reading = house.store.read();
    auto jobs = reading->list_jobs(filter, from, limit + 1);
    ordered_json marker;
    if (jobs.size() > limit) {
        marker = random.marker(jobs_listing, 0, jobs.back().job_pk);
        jobs.pop_back();
    }
    auto list = ordered_json::array();
    for (auto const& job : jobs) list.push_back(describe(job, *reading));
    return json_reply(200, {{"jobs", list}, {"marker", marker}});
}

http::Response show_job(Call const& call, House& house) {
    auto const reading = house.store.read();
    return json_reply(200, describe(require_job(call, *reading), *reading));
}

http::Response complete_job(Call const& call, House& house) {
    auto const now = house.clock.now();
    house.store.write_and_wait([&](storage::Transaction& transaction) {
        transaction.set_job_due(require_running_job(call, transaction).job_pk, now);
    });
    house.time_control.settle();
    return show_job(call, house);
}

http::Response fail_job(Call const& call, House& house) {
    // Unverified: what Glacier says there.
    auto const message = call.object({"message"}).string("message").value_or("The job failed.");
    auto const now = house.clock.now();
    auto const expires_at = now + house.rules.timing.output_lifetime;
    house.store.write_and_wait([&](storage::Transaction& transaction) {
        transaction.fail_job(require_running_job(call, transaction), now, expires_at, message);
    });
    return show_job(call, house);
}

}  // namespace firn::control
