// About the server itself.
#include "server/control/openapi.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {

http::Response health(Call const&, House& house) {
    auto const uptime = std::chrono::duration<double>(std::chrono::steady_clock::now() - house.started);
    auto const clock = house.clock.state();
    return json_reply(
        200, {{"status", "ok"},
              {"version", FIRN_VERSION},
              {"uptime_seconds", uptime.count()},
              {"clock", {{"now", text::format_milliseconds(clock.time)}, {"frozen", clock.rate == 0}}}});
}

http::Response openapi(Call const&, House&) {
    http::Response response;
    response.fields.add("Content-Type", "application/json");
    response.body = std::string(openapi_document());
    return response;
}

http::Response metrics(Call const&, House& house) {
    http::Response response;
    response.fields.add("Content-Type", "text/plain; version=0.0.4");
    response.body = house.metrics.text(house.store);
    return response;
}

}  // namespace firn::control
