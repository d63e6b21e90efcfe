#include "server/control/request.hpp"

#include <fmt/format.h>

#include "server/control/known_names.hpp"
#include "server/text/number.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {

text::JsonObject Request::object(std::vector<std::string_view> const& members) const {
    auto object = text::JsonObject::parse_body(body);
    for (auto const& name : object.names()) {
        check_known(name, members, "the body");
        // Taken for absent, it could widen a choice: {"vault": null} would mean every vault.
        if (!object.has(name.c_str())) throw Refusal{400, fmt::format("{} is null; leave it out", name)};
    }
    return object;
}

std::optional<std::uint64_t> Request::number(std::string_view parameter) const {
    auto const value = target.parameter(parameter);
    if (!value) return std::nullopt;
    if (auto const number = text::parse_number(*value)) return number;
    throw Refusal{400, fmt::format("{} must be a number, 0 or more, not {}", parameter, *value)};
}

std::optional<std::string> Request::text(std::string_view parameter) const {
    auto const value = target.parameter(parameter);
    return value ? std::optional(std::string(*value)) : std::nullopt;
}

http::Response json_reply(unsigned status, nlohmann::ordered_json const& body) {
    http::Response response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    // Replies repeat what clients sent, which may not be UTF-8.
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    return response;
}

http::Response empty_reply(unsigned status) {
    http::Response response;
    response.status = status;
    return response;
}

http::Response error_reply(Refusal const& refusal) {
    auto response = json_reply(refusal.status, {{"error", refusal.message}});
    if (!refusal.allow.empty()) response.fields.add("Allow", refusal.allow);
    return response;
}

nlohmann::ordered_json or_null(std::optional<storage::Time> const& time) {
    return time ? nlohmann::ordered_json(text::format_milliseconds(*time)) : nlohmann::ordered_json();
}

}  // namespace firn::control
