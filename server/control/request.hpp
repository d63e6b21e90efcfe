// One request to the control surface as its function sees it, and the pieces of its reply.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/control/refusal.hpp"
#include "server/http/message.hpp"
#include "server/http/target.hpp"
#include "server/text/json_object.hpp"
#include "storage/blobs/file.hpp"

namespace firn::control {

struct Request {
    http::RequestHead head;
    http::Target target;
    std::map<std::string, std::string, std::less<>> path;  // what stands for {name} in the route's pattern
    std::string body;                                      // JSON
    std::string body_file;                                 // of an upload: where its bytes are

    // The body as an object; an empty one counts as {}. Throws Refusal for anything else, and for members
    // that are not in `members`.
    text::JsonObject object(std::initializer_list<std::string_view> members) const;
    // Of the query: a number that is not negative. Throws Refusal.
    std::optional<std::uint64_t> number(std::string_view parameter) const;
    std::optional<std::string> text(std::string_view parameter) const;
};

http::Response json_reply(unsigned status, nlohmann::ordered_json const& body);
http::Response empty_reply(unsigned status);
http::Response error_reply(Refusal const& refusal);

// What a member or parameter that is absent looks like in a reply.
template <typename T>
nlohmann::ordered_json or_null(std::optional<T> const& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

}  // namespace firn::control
