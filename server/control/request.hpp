// One request to the control surface, as an endpoint gets it, and helpers for replies.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/control/refusal.hpp"
#include "server/http/message.hpp"
#include "server/http/target.hpp"
#include "server/text/json_object.hpp"
#include "storage/time.hpp"

namespace firn::control {

struct Request {
    http::RequestHead head;
    http::Target target;
    std::map<std::string, std::string, std::less<>> path;  // values of the {names} in the route's pattern
    std::string body;                                      // JSON
    std::string body_file;                                 // of an upload: path of the file with its bytes

    // The body as an object; an empty body counts as {}. Throws text::JsonError for anything else, and
    // Refusal for members that are not in `members`.
    text::JsonObject object(std::vector<std::string_view> const& members) const;
    // A parameter of the query, 0 or more; nothing when it is absent. Throws Refusal for other values.
    std::optional<std::uint64_t> number(std::string_view parameter) const;
    // A parameter of the query; nothing when it is absent or empty.
    std::optional<std::string> text(std::string_view parameter) const;
};

http::Response json_reply(unsigned status, nlohmann::ordered_json const& body);
http::Response empty_reply(unsigned status);
http::Response error_reply(Refusal const& refusal);

// The JSON value of an optional member of a reply.
template <typename T>
nlohmann::ordered_json or_null(std::optional<T> const& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

nlohmann::ordered_json or_null(std::optional<storage::Time> const& time);

}  // namespace firn::control
