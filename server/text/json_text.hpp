// JSON written front to back: compact, members in the order in which they are added. For the API's answers,
// which are known member by member; a tree of values would be built only to be walked once.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "storage/time.hpp"

namespace firn::text {

// In quotes, escaped; `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);

class JsonText {
public:
    JsonText& begin_object() { return open('{'); }
    JsonText& end_object() { return close('}'); }
    JsonText& begin_array() { return open('['); }
    JsonText& end_array() { return close(']'); }
    // A value or a container follows.
    JsonText& key(std::string_view name);

    JsonText& value(std::string_view text);  // UTF-8
    JsonText& value(char const* text) { return value(std::string_view(text)); }
    JsonText& value(std::integral auto number) { return append(std::to_string(number)); }
    JsonText& value(bool truth) { return append(truth ? "true" : "false"); }
    JsonText& value(std::nullptr_t) { return append("null"); }
    JsonText& value(storage::Time time);  // as format_milliseconds() has it
    // null when there is nothing.
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
    // The comma between neighbours; text inside quotes never ends with what it looks for.
    void separate();
    JsonText& append(std::string_view literal);
    JsonText& open(char bracket);
    JsonText& close(char bracket);

    std::string text_;
};

}  // namespace firn::text
