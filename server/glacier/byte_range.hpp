// Byte ranges as clients write them.
#pragma once

#include <optional>
#include <string_view>

#include "storage/hash/tree_hash.hpp"

namespace firn::glacier {

// `a-b` with a <= b, both ends included. Nothing for any other text.
std::optional<storage::ByteRange> parse_range(std::string_view text);

// `bytes a-b/*`, or with a total in place of the asterisk (unverified). Nothing for any other text, and for
// an end that does not fit into 63 bits.
std::optional<storage::ByteRange> parse_content_range(std::string_view text);

// The part of an output of `size_bytes` that a Range header asks for: `bytes=a-b` (its end is cut to the
// output), `bytes=a-` or `bytes=-n`. Nothing for a header that must be ignored: malformed, another unit,
// several ranges. Throws ServiceError when the range begins behind the output. Unverified: the two open forms
// and the cut.
std::optional<storage::ByteRange> requested_range(std::string_view header, std::uint64_t size_bytes);

}  // namespace firn::glacier
