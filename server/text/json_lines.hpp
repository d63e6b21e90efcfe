// Where in a JSON text something stands, for people who look for their mistake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firn::text {

// The line, from 1, on which the value begins that the steps lead to: names of members, indices of elements.
// As far as they lead; 1 for none. The text must be valid JSON.
int line_of(std::string_view text, std::vector<std::string> const& steps);

}  // namespace firn::text
