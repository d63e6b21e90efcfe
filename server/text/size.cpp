#include "server/text/size.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace firn::text {
namespace {

constexpr double size_bytes_max = 1e18;

}  // namespace

std::optional<std::uint64_t> parse_size(std::string const& text) {
    static std::map<std::string, double> const units = {{"", 1},
                                                        {"B", 1},
                                                        {"KB", 1e3},
                                                        {"MB", 1e6},
                                                        {"GB", 1e9},
                                                        {"TB", 1e12},
                                                        {"KiB", 1ull << 10},
                                                        {"MiB", 1ull << 20},
                                                        {"GiB", 1ull << 30},
                                                        {"TiB", 1ull << 40}};
    double number = -1;
    auto const [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    auto const at = text.find_first_not_of(' ', static_cast<std::size_t>(end - text.data()));
    auto const unit = units.find(text.substr(std::min(at, text.size())));
    if (!(number >= 0) || unit == units.end() || number * unit->second > size_bytes_max) return std::nullopt;
    return static_cast<std::uint64_t>(number * unit->second);
}

}  // namespace firn::text
