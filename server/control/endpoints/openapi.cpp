// Serves openapi.json, the description of the control surface.
#include "server/control/openapi.hpp"
#include "server/control/routes.hpp"

namespace firn::control {

http::Response openapi(Request const&, Context&) {
    http::Response response;
    response.fields.add("Content-Type", "application/json");
    response.body = std::string(openapi_files.front().text);
    return response;
}

}  // namespace firn::control
