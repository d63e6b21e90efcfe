// Byte ranges as clients write them.
#pragma once

#include <optional>
#include <string_view>

#include "storage/hash/tree_hash.hpp"

namespace firn::glacier {

// A decimal number and nothing else.
std::optional<std::uint64_t> parse_number(std::string_view text);

// `a-b`, both ends included, a <= b. Nothing otherwise.
std::optional<storage::ByteRange> parse_range(std::string_view text);

// `bytes a-b/*`, or with a total in place of the asterisk (unverified). Nothing otherwise, nor for an end
// beyond 63 bits.
std::optional<storage::ByteRange> parse_content_range(std::string_view text);

// What a Range header asks of an output of `size_bytes`: `bytes=a-b` (the end is cut to the output),
// `bytes=a-`, `bytes=-n`. Nothing when it is to be ignored: malformed, another unit, several ranges. Throws
// ServiceError when it begins behind the output. Unverified: the two open forms and the cut.
std::optional<storage::ByteRange> requested_range(std::string_view header, std::uint64_t size_bytes);

}  // namespace firn::glacier
