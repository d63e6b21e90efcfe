// The control surface: the one table of its paths. openapi.json describes them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/control/call.hpp"
#include "server/control/house.hpp"

namespace firn::control {

enum class Lane {
    read,    // side by side with everything
    change,  // one after the other: what moves the clock or replaces the state
};

enum class BodyKind { json, file };

struct Route {
    std::string_view method;
    std::string_view pattern;  // segments behind /_firn/; those in braces are parameters
    Lane lane;
    http::Response (*function)(Call const&, House&);
    BodyKind body = BodyKind::json;
    std::string_view query = {};  // the parameters that it takes, with blanks between
};

std::span<Route const> routes();

// The route for a method and the segments of a path, whose parameters go into `parameters`. Throws Refusal
// 404 or 405 when there is none.
Route const& find_route(std::string_view method, std::vector<std::string> const& segments,
                        std::map<std::string, std::string, std::less<>>& parameters);

// Throws Refusal for a parameter that the route does not take: a filter with a mistake in it would let all
// pass.
void check_query(Route const& route, http::Target const& target);

// --- server.cpp
http::Response health(Call const& call, House& house);
http::Response openapi(Call const& call, House& house);
http::Response metrics(Call const& call, House& house);

// --- clock.cpp
http::Response show_clock(Call const& call, House& house);
http::Response freeze_clock(Call const& call, House& house);
http::Response resume_clock(Call const& call, House& house);
http::Response set_clock(Call const& call, House& house);
http::Response advance_clock(Call const& call, House& house);

// --- jobs.cpp
http::Response list_jobs(Call const& call, House& house);
http::Response show_job(Call const& call, House& house);
http::Response complete_job(Call const& call, House& house);
http::Response fail_job(Call const& call, House& house);

// --- state.cpp
http::Response reset(Call const& call, House& house);
http::Response take_inventories(Call const& call, House& house);
http::Response seed(Call const& call, House& house);

// --- snapshots.cpp
http::Response list_snapshots(Call const& call, House& house);
http::Response save_snapshot(Call const& call, House& house);
http::Response delete_snapshot(Call const& call, House& house);
http::Response restore_snapshot(Call const& call, House& house);
http::Response export_snapshot(Call const& call, House& house);
http::Response import_snapshot(Call const& call, House& house);

// --- faults.cpp
http::Response list_faults(Call const& call, House& house);
http::Response add_fault(Call const& call, House& house);
http::Response clear_faults(Call const& call, House& house);
http::Response remove_fault(Call const& call, House& house);

// --- requests.cpp
http::Response list_requests(Call const& call, House& house);
http::Response clear_requests(Call const& call, House& house);

}  // namespace firn::control
