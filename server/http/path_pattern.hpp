// Patterns of paths, as tables of operations and routes have them: segments with slashes between, where a
// segment in braces, like {vault}, is a parameter and stands for any one segment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace firn::http {

// Whether `segments` is a path of that pattern. Calls on_parameter(name, segment) for each parameter, its
// name without the braces; also for those in front of a segment that does not fit.
template <typename OnParameter>
bool match_path(std::string_view pattern, std::span<std::string const> segments, OnParameter on_parameter) {
    std::size_t index = 0;
    for (std::size_t begin = 0; begin <= pattern.size(); ++index) {
        if (index == segments.size()) return false;
        auto const end = std::min(pattern.find('/', begin), pattern.size());
        auto const part = pattern.substr(begin, end - begin);
        if (part.starts_with('{')) {
            on_parameter(part.substr(1, part.size() - 2), std::string_view(segments[index]));
        } else if (part != segments[index]) {
            return false;
        }
        begin = end + 1;
    }
    return index == segments.size();
}

inline bool match_path(std::string_view pattern, std::span<std::string const> segments) {
    return match_path(pattern, segments, [](std::string_view, std::string_view) {});
}

}  // namespace firn::http
