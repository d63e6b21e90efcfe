// Shows the jobs of all vaults; completes, fails, expires or reschedules one.
#include <fmt/format.h>

#include "server/control/endpoints/expiry.hpp"
#include "server/control/endpoints/job_description.hpp"
#include "server/control/endpoints/listing.hpp"
#include "server/control/routes.hpp"
#include "server/glacier/operations/job_description.hpp"
#include "server/text/duration.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;
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

storage::Job require_completed_job(Request const& request, storage::View const& view) {
    auto job = require_job(request, view);
    if (job.status != storage::JobStatus::in_progress) return job;
    throw Refusal{409, "the job is InProgress, and only a completed job expires; complete or fail it first"};
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

// `in` counts from `now`; `at` is a time.
storage::Time requested_due(Request const& request, storage::Time now) {
    auto const body = request.object({"in", "at"});
    auto const in = body.string("in");
    auto const at = body.string("at");
    if (in.has_value() == at.has_value()) throw Refusal{400, "give exactly one of in and at"};
    auto const duration = in ? text::parse_duration(*in) : std::nullopt;
    if (in && !duration) throw Refusal{400, text::not_a_duration(*in)};
    if (duration && *duration > time::clock_max - now)
        throw Refusal{400, "a job cannot be due after the year 8999"};
    auto const time = in ? now + *duration : text::parse_time(*at);
    if (!time) throw Refusal{400, text::not_a_time(*at)};
    if (*time > time::clock_max) throw Refusal{400, "a job cannot be due after the year 8999"};
    if (*time <= now) {
        throw Refusal{400,
                      fmt::format("the time must be later than the clock, which shows {}; to end the job "
                                  "now, complete, fail or expire it",
                                  text::format_milliseconds(now))};
    }
    return *time;
}

}  // namespace

http::Response list_jobs(Request const& request, Context& context) {
    auto const& random = context.rules.random;
    auto const page = requested_page(request, context, "jobs");
    auto const status = requested_status(request);
    auto const reading = context.store.read();
    auto jobs =
        reading->list_jobs({status, requested_vaults(request, *reading)}, page.from_pk, page.limit + 1);
    return page_reply(context, page, std::move(jobs), &storage::Job::job_pk,
                      [&](storage::Job const& job) { return describe(job, *reading, random); });
}

http::Response show_job(Request const& request, Context& context) {
    auto const reading = context.store.read();
    return json_reply(200, describe(require_job(request, *reading), *reading, context.rules.random));
}

bool is_job_over(Request const& request, Context& context) {
    auto const job = context.store.read()->find_job(request.path.at("job_id"));
    return !job || job->status != storage::JobStatus::in_progress;
}

http::Response complete_job(Request const& request, Context& context) {
    context.time_control.write([&](storage::Transaction& transaction, storage::Time now) {
        transaction.set_job_due(require_running_job(request, transaction).job_pk, now);
    });
    context.time_control.settle();
    return show_job(request, context);
}

http::Response fail_job(Request const& request, Context& context) {
    // Unverified: Glacier's own text is not known.
    auto const message = request.object({"message"}).string("message").value_or("The job failed.");
    context.time_control.write([&](storage::Transaction& transaction, storage::Time now) {
        auto const expires_at = now + context.rules.timing.output_lifetime;
        transaction.fail_job(require_running_job(request, transaction), now, expires_at, message);
    });
    return show_job(request, context);
}

http::Response expire_job(Request const& request, Context& context) {
    context.time_control.write([&](storage::Transaction& transaction, storage::Time) {
        auto const job = require_completed_job(request, transaction);
        expire(transaction, {storage::Due::Kind::job_expires, job.due_at, job.job_pk});
    });
    return empty_reply(204);
}

http::Response reschedule_job(Request const& request, Context& context) {
    ordered_json described;
    context.time_control.write([&](storage::Transaction& transaction, storage::Time now) {
        transaction.set_job_due(require_job(request, transaction).job_pk, requested_due(request, now));
        described = describe(require_job(request, transaction), transaction, context.rules.random);
    });
    return json_reply(200, described);
}

}  // namespace firn::control
