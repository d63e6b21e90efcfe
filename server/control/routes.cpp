#include "server/control/routes.hpp"

#include <array>
#include <boost/algorithm/string/join.hpp>
#include <boost/algorithm/string/split.hpp>

#include "server/control/known_names.hpp"
#include "server/http/path_pattern.hpp"

namespace firn::control {
namespace {

constexpr std::array table = {
    Route{"GET", "health", Lane::status, health},
    Route{"GET", "openapi.json", Lane::status, openapi},
    Route{"GET", "metrics", Lane::status, metrics},
    Route{"GET", "clock", Lane::read, show_clock},
    Route{"GET", "clock/events", Lane::read, list_events, BodyKind::none, "limit"},
    Route{"POST", "clock/freeze", Lane::change, freeze_clock},
    Route{"POST", "clock/resume", Lane::change, resume_clock, BodyKind::json},
    Route{"POST", "clock/set", Lane::change, set_clock, BodyKind::json},
    Route{"POST", "clock/advance", Lane::change, advance_clock, BodyKind::json},
    Route{"GET", "jobs", Lane::read, list_jobs, BodyKind::none, "status vault account region limit marker"},
    Route{"GET", "jobs/{job_id}", Lane::read, show_job, BodyKind::none, "wait", is_job_over},
    Route{"POST", "jobs/{job_id}/complete", Lane::change, complete_job},
    Route{"POST", "jobs/{job_id}/fail", Lane::change, fail_job, BodyKind::json},
    Route{"POST", "jobs/{job_id}/expire", Lane::change, expire_job},
    Route{"POST", "jobs/{job_id}/reschedule", Lane::change, reschedule_job, BodyKind::json},
    Route{"GET", "vaults", Lane::read, list_vaults, BodyKind::none, "vault account region limit marker"},
    Route{"GET", "archives", Lane::read, list_archives, BodyKind::none,
          "vault account region deleted limit marker"},
    Route{"GET", "uploads", Lane::read, list_uploads, BodyKind::none, "vault account region limit marker"},
    Route{"POST", "uploads/{upload_id}/expire", Lane::change, expire_upload},
    Route{"GET", "locks", Lane::read, list_locks, BodyKind::none, "vault account region limit marker"},
    Route{"POST", "locks/expire", Lane::change, expire_lock, BodyKind::json},
    Route{"GET", "capacity", Lane::read, list_capacity, BodyKind::none, "account region limit marker"},
    Route{"POST", "capacity/{capacity_id}/expire", Lane::change, expire_capacity},
    Route{"POST", "inventories", Lane::change, take_inventories, BodyKind::json},
    Route{"POST", "seed", Lane::change, seed, BodyKind::json, "folder"},
    Route{"POST", "reset", Lane::change, reset, BodyKind::json},
    Route{"GET", "snapshots", Lane::read, list_snapshots},
    Route{"GET", "snapshots/{name}", Lane::read, show_snapshot},
    Route{"PUT", "snapshots/{name}", Lane::change, save_snapshot},
    Route{"DELETE", "snapshots/{name}", Lane::change, delete_snapshot},
    Route{"POST", "snapshots/{name}/restore", Lane::change, restore_snapshot},
    Route{"GET", "snapshots/{name}/file", Lane::change, export_snapshot},
    Route{"PUT", "snapshots/{name}/file", Lane::change, import_snapshot, BodyKind::file},
    Route{"GET", "faults", Lane::status, list_faults},
    Route{"POST", "faults", Lane::status, add_fault, BodyKind::json},
    Route{"DELETE", "faults", Lane::status, clear_faults},
    Route{"GET", "faults/{id}", Lane::status, show_fault},
    Route{"DELETE", "faults/{id}", Lane::status, remove_fault},
    Route{"GET", "requests", Lane::status, list_requests, BodyKind::none,
          "operation vault account region status error fault request_id since limit"},
    Route{"GET", "requests/{id}", Lane::status, show_request},
    Route{"DELETE", "requests", Lane::status, clear_requests},
};

}  // namespace

std::span<Route const> routes() {
    return table;
}

Route const& find_route(std::string_view method, std::vector<std::string> const& segments,
                        std::map<std::string, std::string, std::less<>>& parameters) {
    // RFC 9110, 9.3.2: whoever may GET may ask for the head alone.
    if (method == "HEAD") method = "GET";
    std::string methods;
    auto const path = std::span(segments).subspan(1);
    for (auto const& route : table) {
        parameters.clear();
        auto const keep = [&](std::string_view name, std::string_view segment) {
            parameters.emplace(name, segment);
        };
        if (!http::match_path(route.pattern, path, keep)) continue;
        if (route.method == method) return route;
        methods += (methods.empty() ? "" : ", ") + std::string(route.method);
    }
    auto const name = "/" + boost::join(segments, "/");
    if (methods.empty()) throw Refusal{404, "there is no " + name + "; /_firn/openapi.json lists all paths"};
    throw Refusal{405, name + " takes " + methods, methods};
}

void check_query(Route const& route, http::Target const& target) {
    std::vector<std::string_view> known;
    boost::split(known, route.query, [](char c) { return c == ' '; });
    for (auto const& [name, value] : target.query) {
        check_known(name, known, "the query");
        // Taken for absent, an empty filter would match everything.
        if (value.empty()) throw Refusal{400, name + " is empty; leave it out"};
    }
    if (!target.repeated_parameter.empty())
        throw Refusal{400, target.repeated_parameter + " is there more than once"};
}

}  // namespace firn::control
