// Writes compact JSON from front to back, members in the order in which they are added. For the API's
// answers: a tree of values would only be built to be written once.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "storage/time.hpp"

namespace firn::text {

// Appends `text`, which is UTF-8, in quotes and with escapes.
void append_json_string(std::string& out, std::string_view text);

class JsonText {
public:
    JsonText& begin_object() { return open('{'); }
    JsonText& end_object() { return close('}'); }
    JsonText& begin_array() { return open('['); }
    JsonText& end_array() { return close(']'); }
    // A value, an object or an array must follow.
    JsonText& key(std::string_view name);

    JsonText& value(std::string_view text);  // UTF-8
    JsonText& value(char const* text) { return value(std::string_view(text)); }
    JsonText& value(std::integral auto number) { return append(std::to_string(number)); }
    JsonText& value(bool truth) { return append(truth ? "true" : "false"); }
    JsonText& value(std::nullptr_t) { return append("null"); }
    JsonText& value(storage::Time time);  // as format_milliseconds() writes it
    // Writes null when there is no value.
    template <typename T>
    JsonText& value(std::optional<T> const& value_or_null) {
        return value_or_null ? value(*value_or_null) : value(nullptr);
    }

    template <typename T>
    JsonText& member(std::string_view name, T const& its_value) {
        return key(name).value(its_value);
    }

    std::string take() { return std::move(text_); }

private:
    // Writes the comma between two values. It looks at the last character, which after a string is always a
    // quote.
    void separate();
    JsonText& append(std::string_view literal);
    JsonText& open(char bracket);
    JsonText& close(char bracket);

    std::string text_;
};

}  // namespace firn::text
