// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace firn::text {

// The number of bytes in texts like "1048576", "1MiB" or "40 TB". Nothing for any other text.
std::optional<std::uint64_t> parse_size(std::string const& text);

}  // namespace firn::text
