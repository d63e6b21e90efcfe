// `firn requests`: lists, counts and shows the last requests to the Glacier API.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

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

// One line for each member, and for each header.
std::string describe_request(Json const& request) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& [key, value] : request.items()) {
        if (key == "headers") {
            for (auto const& [name, text] : value.items()) rows.push_back({"header " + name, cell(text)});
        } else if (value.is_array()) {
            rows.push_back({words_of(key), value.empty() ? "-" : value.dump()});
        } else {
            rows.push_back({words_of(key), cell(value)});
        }
    }
    return aligned(rows);
}

Json find_requests(Session const& session, Query const& query) {
    return parse_answer(session.client.send({"GET", {"requests"}, query, ""}));
}

void list_requests(Session const& session, Query const& query) {
    auto const answer = find_requests(session, query);
    session.show(answer, describe_requests);
    if (answer.at("dropped") != 0) {
        std::cerr << fmt::format("firn: the journal has dropped {}; --journal-size sets how many it keeps\n",
                                 counted(answer.at("dropped"), "older request"));
    }
}

// Whether requests that the filter might match are missing. The number of a request tells how new it is.
bool misses_requests(Json const& answer, Query const& query) {
    auto const& last_dropped = answer.at("last_dropped");
    if (last_dropped.is_null()) return false;
    for (auto const& [name, value] : query) {
        if (name == "since") return std::strtoull(value.c_str(), nullptr, 10) < last_dropped;
    }
    return true;
}

void count_requests(Session const& session, Query query) {
    std::erase_if(query, [](auto const& field) { return field.first == "limit"; });
    query.emplace_back("limit", "0");
    auto const answer = find_requests(session, query);
    if (misses_requests(answer, query)) {
        throw std::runtime_error(fmt::format(
            "the count would be wrong: the journal has dropped {}, up to number {}; start the server with a "
            "greater --journal-size, clear the journal before the test, or count --since a later number",
            counted(answer.at("dropped"), "request"), cell(answer, "last_dropped")));
    }
    session.output() << answer.at("count") << '\n';
}

}  // namespace

void define_requests(CLI::App& requests, Commands& commands) {
    auto const query = std::make_shared<Query>();
    auto const only_count = std::make_shared<bool>(false);
    commands.define(requests, [=](Session const& session) {
        if (*only_count) return count_requests(session, *query);
        list_requests(session, *query);
    });
    add_filter(requests, query, "--operation", "Only this operation, with * as wildcard");
    add_filter(requests, query, "--vault", "Only on vaults with this name, with * and ? as wildcards");
    add_filter(requests, query, "--account", "Only of this account");
    add_filter(requests, query, "--region", "Only of this region");
    add_filter(requests, query, "--status", "Only with this HTTP status; 0 for requests without an answer")
        ->check(whole_number());
    add_filter(requests, query, "--error", "Only with this error code, with * as wildcard");
    add_filter(requests, query, "--fault",
               "Only requests that the fault rule with this id hit; * for any rule");
    add_filter(requests, query, "--request-id", "Only the request with this id");
    add_filter(requests, query, "--since", "Only with a greater number than this")->check(whole_number());
    add_filter(requests, query, "--limit", "Maximum number of requests, the newest (default: 100)")
        ->check(whole_number());
    requests.add_flag("--count", *only_count,
                      "Print only the number of requests; fails when the journal has dropped some of them");

    auto const id = std::make_shared<std::string>();
    auto& show = commands.add(requests, "show", "Show one request with its query, headers and JSON",
                              [id](Session const& session) {
                                  session.show(session.ask("GET", {"requests", *id}), describe_request);
                              });
    add_id(show, *id, "id", "Number or request id (x-amzn-RequestId) of the request");

    commands.add(requests, "clear", "Clear the list", [](Session const& session) {
        session.ask("DELETE", {"requests"});
        session.say("no requests are kept now");
    });
}

}  // namespace firn::cli
