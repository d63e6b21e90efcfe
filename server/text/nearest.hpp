// Finds what a misspelled word was meant to be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::text {

// How many characters have to be added, removed or replaced, or swapped with the next one, to get from one
// text to the other; case does not count. (The Levenshtein distance, with swaps of neighbours.)
std::size_t edit_distance(std::string_view left, std::string_view right);

// The word in `known` with the smallest distance to `word`. Nothing when that is more than a quarter of its
// characters, or there is none.
std::optional<std::string> find_nearest(std::string_view word, std::vector<std::string> const& known);

}  // namespace firn::text
