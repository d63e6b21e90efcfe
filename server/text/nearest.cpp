#include "server/text/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace firn::text {
namespace {

// The Levenshtein distance: how many characters have to be added, removed or replaced.
std::size_t distance(std::string_view left, std::string_view right) {
    // The distances of a beginning of `left` to each beginning of `right`.
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (auto const c : left) {
        auto diagonal = row[0]++;
        for (std::size_t i = 0; i < right.size(); ++i) {
            auto const replaced = diagonal + (c == right[i] ? 0 : 1);
            diagonal = row[i + 1];
            row[i + 1] = std::min({replaced, row[i] + 1, row[i + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string> find_nearest(std::string_view word, std::vector<std::string> const& known) {
    auto const less = [&](auto const& a, auto const& b) { return distance(word, a) < distance(word, b); };
    auto const nearest = std::min_element(known.begin(), known.end(), less);
    if (nearest == known.end() || distance(word, *nearest) * 4 > nearest->size()) return std::nullopt;
    return *nearest;
}

}  // namespace firn::text
