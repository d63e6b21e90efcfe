// Durations as people write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "storage/time.hpp"

namespace firn::text {

// From min to max, both included. min is not greater than max.
struct DurationRange {
    constexpr DurationRange() = default;
    template <typename Rep, typename Period>
    constexpr DurationRange(std::chrono::duration<Rep, Period> exactly) : min(exactly), max(exactly) {}
    constexpr DurationRange(storage::Duration shortest, storage::Duration longest)
        : min(shortest), max(longest) {}
    bool operator==(DurationRange const&) const = default;

    storage::Duration min{};
    storage::Duration max{};
};

// Numbers with units, the larger unit first: 250ms, 90s, 1h30m, 1d12h, 1w. The numbers can have a fraction:
// 1.5h. One number without a unit counts seconds. Nothing for any other text.
std::optional<storage::Duration> parse_duration(std::string_view text);

// A duration, or two with units that a dash joins: 3h-5h. Nothing for any other text, and when the first one
// is longer.
std::optional<DurationRange> parse_duration_range(std::string_view text);

// The text that parse_duration() reads as `duration`: 1h30m. `duration` is not negative.
std::string format_duration(storage::Duration duration);

// The messages for texts that the functions above do not take.
std::string not_a_duration(std::string const& text);
std::string not_a_duration_range(std::string const& text);

}  // namespace firn::text
