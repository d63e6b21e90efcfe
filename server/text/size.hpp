// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace firn::text {

// Bytes of 1048576, "1MiB", "40 TB". Nothing for anything else.
std::optional<std::uint64_t> parse_size(std::string const& text);

}  // namespace firn::text
