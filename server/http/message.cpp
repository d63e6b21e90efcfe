#include "server/http/message.hpp"

#include <algorithm>

namespace firn::http {

namespace {

// Not std::tolower: header names are ASCII in every locale.
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

void Fields::add(std::string name, std::string value) {
    // Nearly every request and reply has at most eight.
    if (fields_.empty()) fields_.reserve(8);
    fields_.emplace_back(std::move(name), std::move(value));
}

void Fields::replace(std::string_view name, std::string value) {
    for (auto& field : fields_) {
        if (!same_name(field.first, name)) continue;
        field.second = std::move(value);
        return;
    }
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (auto const& [key, value] : fields_) {
        if (same_name(key, name)) return value;
    }
    return std::nullopt;
}

}  // namespace firn::http
