#include "server/text/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace firn::text {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    auto const lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
    auto const same = [&](std::size_t i, std::size_t j) { return lower(left[i]) == lower(right[j]); };
    // Row i has the distances of the first i characters of `left` to each beginning of `right`.
    std::vector<std::size_t> before;
    std::vector<std::size_t> above;
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        before = std::exchange(above, row);
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            row[j + 1] = std::min({above[j] + (same(i, j) ? 0 : 1), above[j + 1] + 1, row[j] + 1});
            bool const swapped = i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j);
            if (swapped) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
        }
    }
    return row.back();
}

std::optional<std::string> find_nearest(std::string_view word, std::vector<std::string> const& known) {
    auto const less = [&](auto const& a, auto const& b) {
        return edit_distance(word, a) < edit_distance(word, b);
    };
    auto const nearest = std::min_element(known.begin(), known.end(), less);
    if (nearest == known.end() || edit_distance(word, *nearest) * 4 > nearest->size()) return std::nullopt;
    return *nearest;
}

}  // namespace firn::text
