// Whole numbers as people and programs write them.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace firn::text {

// Digits and nothing else, except for a minus sign where `Number` has one. Nothing for any other text, and
// for a number that does not fit. `base` is from 2 to 36.
template <std::integral Number = std::uint64_t>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number number = 0;
    auto const* const text_end = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), text_end, number, base);
    return error == std::errc() && end == text_end ? std::optional(number) : std::nullopt;
}

}  // namespace firn::text
