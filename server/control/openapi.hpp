// The description of the control surface, openapi.json, as it is served.
#pragma once

#include <string_view>

namespace firn::control {

std::string_view openapi_document();

}  // namespace firn::control
