// The patterns of IAM: * stands for any characters, ? for one.
#pragma once

#include <string_view>

namespace firn::text {

// Whether the whole text is of that pattern. Case counts.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace firn::text
