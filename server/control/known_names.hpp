// The check for misspelled members and parameters: a filter that is ignored would match everything.
#pragma once

#include <string_view>
#include <vector>

namespace firn::control {

// Throws Refusal 400 when `name` is not in `known`: "colour is not known; the body takes time". `where` is
// the thing that takes names: "the body", "a vault".
void check_known(std::string_view name, std::vector<std::string_view> const& known, std::string_view where);

}  // namespace firn::control
