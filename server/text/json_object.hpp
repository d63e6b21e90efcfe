// A JSON object that a client sent. A null member counts as absent; unknown members are ignored.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace firn::text {

// The text is not a JSON object, or a member has the wrong type. what() tells people what is wrong.
class JsonError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Parses JSON in UTF-8. The value is discarded when the text is not JSON. Throws JsonError when it is nested
// deeper than 32 levels.
nlohmann::json parse_json(std::string_view text);

// All functions throw JsonError, except names() and those that begin with has.
class JsonObject {
public:
    // `text` must be a JSON object in UTF-8, at most 32 levels deep.
    static JsonObject parse(std::string_view text);
    // The same, but an empty text is an object without members.
    static JsonObject parse_body(std::string_view text) { return parse(text.empty() ? "{}" : text); }

    std::optional<std::string> string(char const* name) const;
    // A string, or a number as its JSON.
    std::optional<std::string> string_or_number(char const* name) const;
    // A string as it is, any other value as JSON.
    std::optional<std::string> text_or_json(char const* name) const;
    std::optional<JsonObject> object(char const* name) const;
    std::optional<std::int64_t> integer(char const* name) const;
    std::optional<std::vector<std::string>> strings(char const* name) const;
    std::optional<std::vector<JsonObject>> objects(char const* name) const;
    // An object whose members are all strings.
    std::optional<std::map<std::string, std::string>> string_map(char const* name) const;
    std::optional<double> number(char const* name) const;
    std::optional<bool> boolean(char const* name) const;
    std::vector<std::string> names() const;
    bool has_object(char const* name) const { return has(name) && find(name)->is_object(); }
    bool has(char const* name) const { return find(name) != nullptr; }

private:
    explicit JsonObject(std::shared_ptr<nlohmann::json const> value) : value_(std::move(value)) {}
    nlohmann::json const* find(char const* name) const;
    // A part of this object. It shares the whole document instead of copying it, which may be long.
    JsonObject part(nlohmann::json const& value) const { return JsonObject({value_, &value}); }

    std::shared_ptr<nlohmann::json const> value_;
};

}  // namespace firn::text
