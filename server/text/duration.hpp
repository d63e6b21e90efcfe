// Durations as people write them.
#pragma once

#include <optional>
#include <string>

#include "storage/time.hpp"

namespace firn::text {

// A number with a unit: 250ms, 90s, 5m, 12h, 1d. Without a unit it counts seconds. Nothing for anything else.
std::optional<storage::Duration> parse_duration(std::string const& text);

}  // namespace firn::text
