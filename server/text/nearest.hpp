// Finds what a misspelled word was meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::text {

// The word in `known` that needs the fewest changes of one character to become `word`. Nothing when that is
// more than a quarter of its characters, or there is none.
std::optional<std::string> find_nearest(std::string_view word, std::vector<std::string> const& known);

}  // namespace firn::text
