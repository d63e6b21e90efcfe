// Patterns as in IAM: * stands for any number of characters, ? for one.
#pragma once

#include <string_view>

namespace firn::text {

// Whether the whole text matches the pattern. Case counts.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace firn::text
