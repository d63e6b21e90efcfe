// openapi.json, the description of the control surface, embedded in the program.
#pragma once

#include "storage/embedded_file.hpp"

namespace firn::control {

// Always one file.
extern std::span<storage::EmbeddedFile const> const openapi_files;

}  // namespace firn::control
