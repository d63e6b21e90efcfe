// A request target in parts: decoded path segments and query parameters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::http {

struct Target {
    // Decoded after the path was split, so that an encoded slash stays in its segment. `.` and `..` are
    // ordinary segments.
    std::vector<std::string> segments;
    std::map<std::string, std::string, std::less<>> query;

    // Nothing when the parameter is absent or empty: clients write `limit=&marker=` for "not given".
    std::optional<std::string_view> parameter(std::string_view name) const;
};

// Nothing when the text is not a path with an optional query, or when its encoding is invalid.
std::optional<Target> parse_target(std::string_view text);

}  // namespace firn::http
