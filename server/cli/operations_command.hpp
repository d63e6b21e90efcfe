// `firn operations`: the table of the API, for people and for scripts.
#pragma once

#include <iosfwd>

namespace firn {

void print_operations(std::ostream& output, bool as_json);

}  // namespace firn
