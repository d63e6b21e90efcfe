// The lines of values in a JSON text, for error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firn::text {

// The line, counted from 1, on which a value begins. `steps` lead to the value: names of members and indices
// of elements. Where a step leads nowhere, the line of the last value that was found. `text` must be valid
// JSON.
int line_of(std::string_view text, std::vector<std::string> const& steps);

}  // namespace firn::text
