// `firn requests`: lists the last requests to the Glacier API.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

// The table row of a request.
Json row_of(Json const& request) {
    auto row = request;
    // For a request that matches no operation, the request line.
    if (request.value("operation", Json()).is_null()) {
        row["operation"] = cell(request, "method") + " " + cell(request, "path");
    }
    row["sent_bytes"] = cell(request, "sent_bytes") + (request.value("complete", true) ? "" : " (cut)");
    return row;
}

std::string describe_requests(Json const& answer) {
    auto rows = Json::array();
    for (auto const& request : answer.value("requests", Json::array())) rows.push_back(row_of(request));
    auto text = table(rows,
                      {{"NUMBER", "number"},
                       {"TIME", "time"},
                       {"OPERATION", "operation"},
                       {"VAULT", "vault"},
                       {"STATUS", "status"},
                       {"ERROR", "error"},
                       {"FAULT", "fault"},
                       {"MS", "duration_ms"},
                       {"RECEIVED", "received_bytes"},
                       {"SENT", "sent_bytes"},
                       {"REQUEST ID", "request_id"}},
                      "no requests");
    if (answer.value("count", rows.size()) > rows.size()) {
        text += fmt::format("the last {} of {}; --limit shows more\n", rows.size(), cell(answer, "count"));
    }
    return text;
}

void list_requests(Session const& session, Query query, bool only_count) {
    if (only_count) {
        std::erase_if(query, [](auto const& field) { return field.first == "limit"; });
        query.emplace_back("limit", "0");
    }
    auto const answer = parse_answer(session.client.send({"GET", {"requests"}, query, ""}));
    if (only_count) {
        session.output() << answer.at("count") << '\n';
    } else {
        session.show(answer, describe_requests);
    }
}

}  // namespace

void define_requests(CLI::App& requests, Commands& commands) {
    auto const query = std::make_shared<Query>();
    auto const only_count = std::make_shared<bool>(false);
    commands.define(requests, [=](Session const& session) { list_requests(session, *query, *only_count); });
    add_filter(requests, query, "--operation", "Only this operation, with * as wildcard");
    add_filter(requests, query, "--vault", "Only on vaults with this name, with * and ? as wildcards");
    add_filter(requests, query, "--account", "Only of this account");
    add_filter(requests, query, "--region", "Only of this region");
    add_filter(requests, query, "--status", "Only with this HTTP status")->check(CLI::NonNegativeNumber);
    add_filter(requests, query, "--error", "Only with this error code, with * as wildcard");
    add_filter(requests, query, "--fault",
               "Only requests that the fault rule with this id hit; * for any rule");
    add_filter(requests, query, "--request-id", "Only the request with this id");
    add_filter(requests, query, "--since", "Only with a greater number than this")
        ->check(CLI::NonNegativeNumber);
    add_filter(requests, query, "--limit", "Maximum number of requests, the newest (default: 100)")
        ->check(CLI::NonNegativeNumber);
    requests.add_flag("--count", *only_count, "Print only the number of requests");

    commands.add(requests, "clear", "Clear the list", [](Session const& session) {
        session.ask("DELETE", {"requests"});
        session.say("no requests are kept now");
    });
}

}  // namespace firn::cli
