#include "server/glacier/json_object.hpp"

#include <fmt/format.h>

#include "server/glacier/limits.hpp"

namespace firn::glacier {

JsonObject JsonObject::parse(std::string_view text) {
    using json = nlohmann::json;
    // The parser itself takes any depth, but copies and prints recursively.
    auto const refuse_depth = [](int depth, json::parse_event_t, json const&) {
        if (depth > json_depth_max) throw errors::serialization("the JSON is nested too deeply");
        return true;
    };
    auto value = json::parse(text, refuse_depth, false);
    if (value.is_discarded()) throw errors::serialization("the body is not valid JSON in UTF-8");
    if (!value.is_object()) throw errors::serialization("the body must be a JSON object");
    return JsonObject(std::move(value));
}

nlohmann::json const* JsonObject::find(char const* name) const {
    auto const found = value_.find(name);
    return found == value_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> JsonObject::string(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_string()) throw errors::serialization(fmt::format("{} must be a string", name));
    return member->get<std::string>();
}

std::optional<std::string> JsonObject::string_or_number(char const* name) const {
    auto const* const member = find(name);
    if (member != nullptr && member->is_number()) return member->dump();
    return string(name);
}

std::optional<JsonObject> JsonObject::object(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_object()) throw errors::serialization(fmt::format("{} must be an object", name));
    return JsonObject(*member);
}

}  // namespace firn::glacier
