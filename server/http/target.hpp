// A request target taken apart: decoded path segments and query parameters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::http {

struct Target {
    // Split before they are decoded, so that an encoded slash stays inside its segment; `.` and `..` are
    // names like others.
    std::vector<std::string> segments;
    std::map<std::string, std::string, std::less<>> query;

    // Nothing when the parameter is absent or empty: clients send `limit=&marker=` for "not given".
    std::optional<std::string_view> parameter(std::string_view name) const;
};

// Nothing when it is not a path with an optional query, or wrongly encoded.
std::optional<Target> parse_target(std::string_view text);

}  // namespace firn::http
