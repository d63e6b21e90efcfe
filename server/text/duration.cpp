#include "server/text/duration.hpp"

#include <charconv>
#include <map>

namespace firn::text {
namespace {

constexpr double milliseconds_max = 1e15;

}  // namespace

std::optional<storage::Duration> parse_duration(std::string const& text) {
    static std::map<std::string, double> const units = {{"ms", 1},   {"s", 1e3},    {"", 1e3},
                                                        {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}};
    double number = -1;
    // Only digits and a point: no spaces, no exponent, no hexadecimal.
    auto const [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    auto const unit = units.find(text.substr(static_cast<std::size_t>(end - text.data())));
    if (!(number >= 0) || unit == units.end() || number * unit->second > milliseconds_max)
        return std::nullopt;
    return storage::Duration(static_cast<storage::Duration::rep>(number * unit->second));
}

std::string not_a_duration(std::string const& text) {
    return text + " is not a duration; write 250ms, 90s, 5m, 12h or 2d";
}

}  // namespace firn::text
