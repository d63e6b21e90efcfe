// Durations as people write them.
#pragma once

#include <optional>
#include <string>

#include "storage/time.hpp"

namespace firn::text {

// A number with a unit: 250ms, 90s, 5m, 12h, 1d. A number without a unit counts seconds. Nothing for any
// other text.
std::optional<storage::Duration> parse_duration(std::string const& text);

// The message for a text that parse_duration() does not take.
std::string not_a_duration(std::string const& text);

}  // namespace firn::text
