// Shows the jobs of all vaults; completes or fails a job before it is due.
#include <fmt/format.h>

#include "server/control/routes.hpp"
#include "server/glacier/operations/job_description.hpp"
#include "server/glacier/paging.hpp"
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

storage::Job require_job(Request const& request, storage::View const& view) {
    auto const& job_id = request.path.at("job_id");
    auto job = view.find_job(job_id);
    if (!job) throw Refusal{404, "there is no job " + job_id};
    return *std::move(job);
}

storage::Job require_running_job(Request const& request, storage::View const& view) {
    auto job = require_job(request, view);
    if (job.status == storage::JobStatus::in_progress) return job;
    throw Refusal{409, fmt::format("the job has already completed: {}", glacier::name_of(job.status))};
}

std::optional<storage::JobStatus> requested_status(Request const& request) {
    auto const text = request.text("status");
    if (!text) return std::nullopt;
    using enum storage::JobStatus;
    for (auto const status : {in_progress, succeeded, failed}) {
        if (*text == glacier::name_of(status)) return status;
    }
    throw Refusal{400, "status must be InProgress, Succeeded or Failed"};
}

}  // namespace

http::Response list_jobs(Request const& request, Context& context) {
    auto const& random = context.rules.random;
    storage::JobFilter const filter{requested_status(request), request.text("account"),
                                    request.text("region"), request.text("vault")};
    auto const limit = std::min(request.number("limit").value_or(jobs_per_page_max), jobs_per_page_max);
    if (limit == 0) throw Refusal{400, "limit must be a number, 1 or more"};
    std::optional<std::int64_t> from;
    if (auto const marker = request.text("marker")) {
        from = random.place_of(*marker, jobs_listing, 0);
        if (!from) throw Refusal{400, "the marker does not belong to this listing"};
    }
    auto const reading = context.store.read();
    auto jobs = reading->list_jobs(filter, from, limit + 1);
    ordered_json marker;
    if (auto const next = glacier::cut_page(jobs, limit))
        marker = random.marker(jobs_listing, 0, next->job_pk);
    auto list = ordered_json::array();
    for (auto const& job : jobs) list.push_back(describe(job, *reading));
    return json_reply(200, {{"jobs", list}, {"marker", marker}});
}

http::Response show_job(Request const& request, Context& context) {
    auto const reading = context.store.read();
    return json_reply(200, describe(require_job(request, *reading), *reading));
}

http::Response complete_job(Request const& request, Context& context) {
    auto const now = context.clock.now();
    context.store.write_and_wait([&](storage::Transaction& transaction) {
        transaction.set_job_due(require_running_job(request, transaction).job_pk, now);
    });
    context.time_control.settle();
    return show_job(request, context);
}

http::Response fail_job(Request const& request, Context& context) {
    // Unverified: Glacier's own text is not known.
    auto const message = request.object({"message"}).string("message").value_or("The job failed.");
    auto const now = context.clock.now();
    auto const expires_at = now + context.rules.timing.output_lifetime;
    context.store.write_and_wait([&](storage::Transaction& transaction) {
        transaction.fail_job(require_running_job(request, transaction), now, expires_at, message);
    });
    return show_job(request, context);
}

}  // namespace firn::control
