#include "server/glacier/byte_range.hpp"

#include <algorithm>
#include <limits>

#include "server/glacier/error.hpp"
#include "server/text/number.hpp"

namespace firn::glacier {
using text::parse_number;

std::optional<storage::ByteRange> parse_range(std::string_view text) {
    auto const dash = text.find('-');
    if (dash == text.npos) return std::nullopt;
    auto const first = parse_number(text.substr(0, dash));
    auto const last = parse_number(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return storage::ByteRange{*first, *last};
}

std::optional<storage::ByteRange> parse_content_range(std::string_view text) {
    constexpr std::string_view unit = "bytes ";
    auto const slash = text.find('/');
    if (!text.starts_with(unit) || slash == text.npos) return std::nullopt;
    auto const total = text.substr(slash + 1);
    if (total != "*" && !parse_number(total)) return std::nullopt;
    auto const range = parse_range(text.substr(unit.size(), slash - unit.size()));
    // The length of a range over all 64 bits would count as 0.
    constexpr std::uint64_t last_max = std::numeric_limits<std::int64_t>::max();
    return range && range->last <= last_max ? range : std::nullopt;
}

std::optional<storage::ByteRange> requested_range(std::string_view header, std::uint64_t size_bytes) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    auto const text = header.substr(unit.size());
    auto range = parse_range(text);
    if (!range && text.ends_with('-')) {
        if (auto const first = parse_number(text.substr(0, text.size() - 1))) {
            range = storage::ByteRange{*first, std::max(*first, size_bytes - 1)};
        }
    } else if (!range && text.starts_with('-')) {
        auto const count = parse_number(text.substr(1));
        if (count && *count > 0)
            range = storage::ByteRange{size_bytes - std::min(*count, size_bytes), size_bytes - 1};
    }
    if (!range) return std::nullopt;
    if (range->first >= size_bytes) throw errors::range_beyond_output(header);
    range->last = std::min(range->last, size_bytes - 1);
    return range;
}

}  // namespace firn::glacier
