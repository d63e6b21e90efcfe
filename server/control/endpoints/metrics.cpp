// Counters and gauges for Prometheus.
#include "server/control/routes.hpp"

namespace firn::control {

http::Response metrics(Request const&, Context& context) {
    http::Response response;
    response.fields.add("Content-Type", "text/plain; version=0.0.4");
    response.body = context.metrics.text(context.store);
    return response;
}

}  // namespace firn::control
