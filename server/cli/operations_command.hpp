// `firn operations`: prints the table of the API, as text or as JSON.
#pragma once

#include <iosfwd>

namespace firn::cli {

void print_operations(std::ostream& output, bool as_json);

}  // namespace firn::cli
