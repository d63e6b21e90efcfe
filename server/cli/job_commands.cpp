// `firn jobs`: shows the jobs of all vaults, waits for them, and changes what happens to them.
#include <fmt/format.h>

#include "server/cli/job_wait.hpp"
#include "server/cli/listing.hpp"
#include "server/text/duration.hpp"

namespace firn::cli {
namespace {

std::string describe_job(Json const& job) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& [key, value] : job.items()) rows.push_back({words_of(key), cell(value)});
    return aligned(rows);
}

void add_job_filters(CLI::App& jobs, SharedQuery const& query) {
    add_filter(jobs, query, "--status", "Only with this status: InProgress, Succeeded or Failed");
    add_vault_filters(jobs, query);
}

void wait_and_show(Session const& session, std::string const& id, std::string const& timeout) {
    auto const job =
        wait_for_job(session, id, timeout.empty() ? std::nullopt : text::parse_duration(timeout));
    session.show(job, describe_job);
    if (job.value("status", "") != "Succeeded")
        throw ControlError(fmt::format("job {} has failed: {}", id, cell(job, "status_message")));
}

void add_wait(CLI::App& jobs, Commands& commands) {
    auto const id = std::make_shared<std::string>();
    auto const timeout = std::make_shared<std::string>();
    auto& wait = commands.add(
        jobs, "wait", "Wait until a job has completed; exit status 0 if it has succeeded, 1 if not",
        [id, timeout](Session const& session) { wait_and_show(session, *id, *timeout); });
    add_id(wait, *id, "job-id", "Id of a job of any vault");
    auto const check = [](std::string const& value) {
        return text::parse_duration(value) ? "" : text::not_a_duration(value);
    };
    wait.add_option(
            "--timeout", *timeout,
            "Give up after this real time, like 90s. Without it, there is no limit, but a frozen clock "
            "is an error")
        ->check(CLI::Validator(check, ""));
}

void add_reschedule(CLI::App& jobs, Commands& commands) {
    auto const id = std::make_shared<std::string>();
    auto const body = std::make_shared<Json>(Json::object());
    auto& reschedule =
        commands.add(jobs, "reschedule", "Set when a job completes, or when a completed job expires",
                     [id, body](Session const& session) {
                         session.show(session.ask("POST", {"jobs", *id, "reschedule"}, *body), describe_job);
                     });
    add_id(reschedule, *id, "job-id", "Id of a job of any vault");
    auto& time = add_group(reschedule, "When");
    time.add_option_function<std::string>(
        "duration,--in", [body](std::string const& value) { (*body)["in"] = value; },
        "After this duration by firn's clock: 90s, 5m, 12h, 2d");
    time.add_option_function<std::string>(
        "--at", [body](std::string const& value) { (*body)["at"] = value; },
        "At a time like 2030-01-31T12:00:00Z");
    time.require_option(1);
}

}  // namespace

void define_jobs(CLI::App& jobs, Commands& commands) {
    Listing const listing{"jobs",
                          {{"STATUS", "status"},
                           {"ACTION", "action"},
                           {"TIER", "tier"},
                           {"VAULT", "vault"},
                           {"ACCOUNT", "account"},
                           {"REGION", "region"},
                           {"CREATED", "created_at"},
                           {"DUE", "due_at"},
                           {"JOB ID", "job_id"}},
                          "no jobs",
                          nullptr,
                          add_job_filters};
    define_listing(jobs, commands, listing, "List the jobs of all vaults, newest first");

    auto const add = [&](std::string const& name, std::string const& help, auto request) -> CLI::App& {
        auto const id = std::make_shared<std::string>();
        auto& command = commands.add(jobs, name, help, [id, request](Session const& session) {
            session.show(request(session, *id), describe_job);
        });
        add_id(command, *id, "job-id", "Id of a job of any vault");
        return command;
    };
    add("show", "Show everything about one job", [](Session const& session, std::string const& id) {
        return session.ask("GET", {"jobs", id});
    });
    add_wait(jobs, commands);
    add("complete", "Complete a job now, as if it were due",
        [](Session const& session, std::string const& id) {
            return session.ask("POST", {"jobs", id, "complete"});
        });
    auto const message = std::make_shared<std::string>();
    add("fail", "Fail a job now", [message](Session const& session, std::string const& id) {
        auto const body = message->empty() ? Json::object() : Json{{"message", *message}};
        return session.ask("POST", {"jobs", id, "fail"}, body);
    }).add_option("--message", *message, "StatusMessage of the job");
    add_expire(jobs, commands, listing.resource, "job-id", "job",
               "Delete a completed job and its output now, as if its time were over");
    add_reschedule(jobs, commands);
}

}  // namespace firn::cli
