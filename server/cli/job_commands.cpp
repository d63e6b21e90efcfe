// `firn jobs`: shows the jobs of all vaults, and completes or fails them early.
#include <CLI/CLI.hpp>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

std::string describe_job(Json const& job) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& [key, value] : job.items()) rows.push_back({words_of(key), cell(value)});
    return aligned(rows);
}

std::string describe_jobs(Json const& answer) {
    return table(answer.value("jobs", Json::array()),
                 {{"STATUS", "status"},
                  {"ACTION", "action"},
                  {"TIER", "tier"},
                  {"VAULT", "vault"},
                  {"ACCOUNT", "account"},
                  {"REGION", "region"},
                  {"CREATED", "created_at"},
                  {"DUE", "due_at"},
                  {"JOB ID", "job_id"}},
                 "no jobs");
}

// All pages of the list as one answer.
Json all_jobs(Session const& session, Query const& query) {
    ControlRequest request{"GET", {"jobs"}, query, ""};
    auto answer = parse_answer(session.client.send(request));
    while (answer.value("marker", Json()).is_string()) {
        request.query = query;
        request.query.emplace_back("marker", answer["marker"].get<std::string>());
        auto const page = parse_answer(session.client.send(request));
        auto& jobs = answer["jobs"];
        jobs.insert(jobs.end(), page.at("jobs").begin(), page.at("jobs").end());
        answer["marker"] = page.at("marker");
    }
    return answer;
}

void add_list_filters(CLI::App& command, SharedQuery const& query) {
    add_filter(command, query, "--status", "Only with this status: InProgress, Succeeded or Failed");
    add_filter(command, query, "--vault", "Only of vaults with this name");
    add_filter(command, query, "--account", "Only of this account");
    add_filter(command, query, "--region", "Only of this region");
}

}  // namespace

void define_jobs(CLI::App& jobs, Commands& commands) {
    auto const query = std::make_shared<Query>();
    auto const list = [query](Session const& session) {
        session.show(all_jobs(session, *query), describe_jobs);
    };
    commands.define(jobs, list);
    add_list_filters(jobs, query);
    add_list_filters(
        commands.add(jobs, "list", "List the jobs of all vaults, newest first (the default)", list), query);

    auto const add = [&](std::string const& name, std::string const& help, auto request) -> CLI::App& {
        auto const id = std::make_shared<std::string>();
        auto& command = commands.add(jobs, name, help, [id, request](Session const& session) {
            session.show(request(session, *id), describe_job);
        });
        add_id(command, *id, "job-id", "Id of a job of any vault");
        return command;
    };
    add("show", "Show one job", [](Session const& session, std::string const& id) {
        return session.ask("GET", {"jobs", id});
    });
    add("complete", "Complete a job now, as if it were due",
        [](Session const& session, std::string const& id) {
            return session.ask("POST", {"jobs", id, "complete"});
        });
    auto const message = std::make_shared<std::string>();
    add("fail", "Fail a job now", [message](Session const& session, std::string const& id) {
        auto const body = message->empty() ? Json::object() : Json{{"message", *message}};
        return session.ask("POST", {"jobs", id, "fail"}, body);
    }).add_option("--message", *message, "StatusMessage of the job");
}

}  // namespace firn::cli
