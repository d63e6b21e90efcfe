#include "server/text/json_object.hpp"

#include <fmt/format.h>

#include <limits>

namespace firn::text {
namespace {

constexpr int depth_max = 32;

}  // namespace

nlohmann::json parse_json(std::string_view text) {
    using nlohmann::json;
    // The parser takes any depth, but copies and prints are recursive.
    auto const refuse_depth = [](int depth, json::parse_event_t, json const&) {
        if (depth > depth_max) throw JsonError("the JSON is nested too deeply");
        return true;
    };
    return json::parse(text, refuse_depth, false);
}

JsonObject JsonObject::parse(std::string_view text) {
    auto value = parse_json(text);
    if (value.is_discarded()) throw JsonError("the body is not valid JSON in UTF-8");
    if (!value.is_object()) throw JsonError("the body must be a JSON object");
    return JsonObject(std::make_shared<nlohmann::json const>(std::move(value)));
}

nlohmann::json const* JsonObject::find(char const* name) const {
    auto const found = value_->find(name);
    return found == value_->end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> JsonObject::string(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_string()) throw JsonError(fmt::format("{} must be a string", name));
    return member->get<std::string>();
}

std::optional<std::string> JsonObject::string_or_number(char const* name) const {
    auto const* const member = find(name);
    if (member != nullptr && member->is_number()) return member->dump();
    return string(name);
}

std::optional<std::string> JsonObject::text_or_json(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    return member->is_string() ? member->get<std::string>() : member->dump();
}

std::optional<JsonObject> JsonObject::object(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_object()) throw JsonError(fmt::format("{} must be an object", name));
    return part(*member);
}

std::optional<std::int64_t> JsonObject::integer(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    // The parser makes a floating-point number of an integer beyond 64 bits, and an unsigned one of an
    // integer beyond 63 bits.
    constexpr std::uint64_t maximum = std::numeric_limits<std::int64_t>::max();
    bool const fits = member->is_number_integer() &&
                      (!member->is_number_unsigned() || member->get<std::uint64_t>() <= maximum);
    if (!fits) throw JsonError(fmt::format("{} must be an integer of 64 bits", name));
    return member->get<std::int64_t>();
}

std::optional<double> JsonObject::number(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_number()) throw JsonError(fmt::format("{} must be a number", name));
    return member->get<double>();
}

std::optional<bool> JsonObject::boolean(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_boolean()) throw JsonError(fmt::format("{} must be true or false", name));
    return member->get<bool>();
}

std::vector<std::string> JsonObject::names() const {
    std::vector<std::string> names;
    for (auto const& member : value_->items()) names.push_back(member.key());
    return names;
}

std::optional<std::vector<std::string>> JsonObject::strings(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_array()) throw JsonError(fmt::format("{} must be an array", name));
    std::vector<std::string> texts;
    for (auto const& element : *member) {
        if (!element.is_string()) throw JsonError(fmt::format("{} must hold strings", name));
        texts.push_back(element.get<std::string>());
    }
    return texts;
}

std::optional<std::vector<JsonObject>> JsonObject::objects(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_array()) throw JsonError(fmt::format("{} must be an array", name));
    std::vector<JsonObject> found;
    for (auto const& element : *member) {
        if (!element.is_object()) throw JsonError(fmt::format("{} must hold objects", name));
        found.push_back(part(element));
    }
    return found;
}

std::optional<std::map<std::string, std::string>> JsonObject::string_map(char const* name) const {
    auto const* const member = find(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_object()) throw JsonError(fmt::format("{} must be an object", name));
    std::map<std::string, std::string> texts;
    for (auto const& [key, value] : member->items()) {
        if (!value.is_string()) throw JsonError(fmt::format("{} must hold strings", name));
        texts.emplace(key, value.get<std::string>());
    }
    return texts;
}

}  // namespace firn::text
