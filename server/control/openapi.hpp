// The description of the control surface, openapi.json, as it is served.
#pragma once

#include "storage/embedded_file.hpp"

namespace firn::control {

// One file.
extern std::span<storage::EmbeddedFile const> const openapi_files;

}  // namespace firn::control
