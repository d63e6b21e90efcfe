#include "server/text/duration.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace firn::text {
namespace {
using storage::Duration;

constexpr double milliseconds_max = 1e15;

struct Unit {
    std::string_view name;
    Duration::rep milliseconds;
};

// The largest first.
constexpr Unit units[] = {{"w", 7 * 86'400'000}, {"d", 86'400'000}, {"h", 3'600'000},
                          {"m", 60'000},         {"s", 1000},       {"ms", 1}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes a number off the front of `text`. Only digits and a point: no sign, no exponent, no hexadecimal.
std::optional<double> take_number(std::string_view& text) {
    double number = 0;
    if (text.empty() || !(is_digit(text[0]) || text[0] == '.')) return std::nullopt;
    auto const [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

// Takes a unit that stands behind `first` in the table. Returns the end of the table when there is none.
Unit const* take_unit(std::string_view& text, Unit const* first) {
    auto const is_in_word = [](char c) { return !is_digit(c) && c != '.'; };
    auto const word_end = std::find_if_not(text.begin(), text.end(), is_in_word);
    auto const word = text.substr(0, static_cast<std::size_t>(word_end - text.begin()));
    auto const* const unit =
        std::find_if(first, std::end(units), [&](Unit const& known) { return known.name == word; });
    text.remove_prefix(word.size());
    return unit;
}

bool has_unit(std::string_view text) {
    return !text.empty() && !is_digit(text.back());
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    double milliseconds = 0;
    auto const* next_unit = std::begin(units);
    do {
        bool const is_first = next_unit == std::begin(units);
        auto const number = take_number(text);
        if (!number) return std::nullopt;
        if (text.empty() && is_first) {
            milliseconds = *number * 1000;
            break;
        }
        auto const* const unit = take_unit(text, next_unit);
        if (unit == std::end(units)) return std::nullopt;
        milliseconds += *number * static_cast<double>(unit->milliseconds);
        next_unit = unit + 1;
    } while (!text.empty());
    if (!(milliseconds <= milliseconds_max)) return std::nullopt;
    return Duration(static_cast<Duration::rep>(milliseconds));
}

std::optional<DurationRange> parse_duration_range(std::string_view text) {
    auto const dash = text.find('-');
    if (dash == text.npos) {
        auto const duration = parse_duration(text);
        return duration ? std::optional<DurationRange>(*duration) : std::nullopt;
    }
    // 3-5h would be from three seconds to five hours, which nobody means.
    if (!has_unit(text.substr(0, dash)) || !has_unit(text)) return std::nullopt;
    auto const min = parse_duration(text.substr(0, dash));
    auto const max = parse_duration(text.substr(dash + 1));
    if (!min || !max || *min > *max) return std::nullopt;
    return DurationRange(*min, *max);
}

std::string format_duration(Duration duration) {
    std::string text;
    auto left = duration.count();
    for (auto const& unit : units) {
        if (left >= unit.milliseconds)
            text.append(std::to_string(left / unit.milliseconds)).append(unit.name);
        left %= unit.milliseconds;
    }
    return text.empty() ? "0s" : text;
}

std::string not_a_duration(std::string const& text) {
    return text + " is not a duration; write 250ms, 90s, 1h30m, 12h, 2d or 1w";
}

std::string not_a_duration_range(std::string const& text) {
    return text +
           " is neither a duration like 90s or 1h30m nor a range like 3h-5h, with units and the shorter one "
           "first";
}

}  // namespace firn::text
