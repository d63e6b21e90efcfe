// Reports that the server works, and the time on its clock.
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {

http::Response health(Request const&, Context& context) {
    auto const uptime = std::chrono::duration<double>(std::chrono::steady_clock::now() - context.started);
    auto const clock = context.clock.state();
    // Requests wait until firn has done what came due while it was down.
    bool const ready = context.scheduler.is_caught_up();
    return json_reply(
        ready ? 200 : 503,
        {{"status", ready ? "ok" : "starting"},
         {"version", FIRN_VERSION},
         {"uptime_seconds", uptime.count()},
         {"clock", {{"now", text::format_milliseconds(clock.time)}, {"frozen", clock.rate == 0}}}});
}

}  // namespace firn::control
