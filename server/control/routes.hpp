// The table of the control surface's paths. openapi.json describes them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "server/control/context.hpp"
#include "server/control/request.hpp"

namespace firn::control {

enum class Lane {
    status,  // tells about the server itself: runs at once, also while due work is behind the clock
    read,    // runs in parallel with everything
    change,  // runs one at a time: moves the clock or replaces the state
};

enum class BodyKind { none, json, file };

struct Route {
    std::string_view method;
    std::string_view pattern;  // the path after /_firn/; see http/path_pattern.hpp
    Lane lane;
    http::Response (*function)(Request const&, Context&);
    BodyKind body = BodyKind::none;
    std::string_view query = {};  // the names of its query parameters, separated by blanks
    // For a route with the query parameter `wait`: whether what the client waits for has happened.
    bool (*is_ready)(Request const&, Context&) = nullptr;
};

std::span<Route const> routes();

// The route for a method and the segments of a path. Stores the values of its parameters in `parameters`.
// Throws Refusal 404 or 405 when no route fits.
Route const& find_route(std::string_view method, std::vector<std::string> const& segments,
                        std::map<std::string, std::string, std::less<>>& parameters);

// Throws Refusal for a query parameter that the route does not take.
void check_query(Route const& route, http::Target const& target);

// Each is in endpoints/, in the file named after its resource.

http::Response health(Request const& request, Context& context);
http::Response openapi(Request const& request, Context& context);
http::Response metrics(Request const& request, Context& context);

http::Response show_clock(Request const& request, Context& context);
http::Response list_events(Request const& request, Context& context);
http::Response freeze_clock(Request const& request, Context& context);
http::Response resume_clock(Request const& request, Context& context);
http::Response set_clock(Request const& request, Context& context);
http::Response advance_clock(Request const& request, Context& context);

http::Response list_jobs(Request const& request, Context& context);
http::Response show_job(Request const& request, Context& context);
bool is_job_over(Request const& request, Context& context);
http::Response complete_job(Request const& request, Context& context);
http::Response fail_job(Request const& request, Context& context);
http::Response expire_job(Request const& request, Context& context);
http::Response reschedule_job(Request const& request, Context& context);

http::Response list_vaults(Request const& request, Context& context);
http::Response list_archives(Request const& request, Context& context);
http::Response list_uploads(Request const& request, Context& context);
http::Response expire_upload(Request const& request, Context& context);
http::Response list_locks(Request const& request, Context& context);
http::Response expire_lock(Request const& request, Context& context);
http::Response list_capacity(Request const& request, Context& context);
http::Response expire_capacity(Request const& request, Context& context);

http::Response reset(Request const& request, Context& context);
http::Response take_inventories(Request const& request, Context& context);
http::Response seed(Request const& request, Context& context);

http::Response list_snapshots(Request const& request, Context& context);
http::Response show_snapshot(Request const& request, Context& context);
http::Response save_snapshot(Request const& request, Context& context);
http::Response delete_snapshot(Request const& request, Context& context);
http::Response restore_snapshot(Request const& request, Context& context);
http::Response export_snapshot(Request const& request, Context& context);
http::Response import_snapshot(Request const& request, Context& context);

http::Response list_faults(Request const& request, Context& context);
http::Response show_fault(Request const& request, Context& context);
http::Response add_fault(Request const& request, Context& context);
http::Response clear_faults(Request const& request, Context& context);
http::Response remove_fault(Request const& request, Context& context);

http::Response list_requests(Request const& request, Context& context);
http::Response show_request(Request const& request, Context& context);
http::Response clear_requests(Request const& request, Context& context);

}  // namespace firn::control
