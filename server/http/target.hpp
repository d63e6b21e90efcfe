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
    std::map<std::string, std::string, std::less<>> query;  // of a repeated parameter the first value
    std::string repeated_parameter = {};  // one that is there more than once; empty: none is

    // Nothing when the parameter is absent or empty: clients write `limit=&marker=` for "not given".
    std::optional<std::string_view> parameter(std::string_view name) const;
};

// A target in absolute form, as clients send it to a proxy: http://HOST[:PORT]/PATH. Source: RFC 9112, 3.2.2.
struct AbsoluteTarget {
    std::string authority;  // HOST[:PORT]
    std::string path;       // with the query; `/` when the text has no path
};

// Nothing when the text is in another form, has another scheme than http and https, or names a user.
std::optional<AbsoluteTarget> parse_absolute_target(std::string_view text);

// Nothing when the text is not a path with an optional query, or when its encoding is invalid.
std::optional<Target> parse_target(std::string_view text);

}  // namespace firn::http
