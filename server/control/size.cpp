#include "server/control/size.hpp"

#include <map>
#include <stdexcept>

namespace firn::control {
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
    std::size_t end = 0;
    double number = -1;
    try {
        number = std::stod(text, &end);
    } catch (std::logic_error const&) {
        return std::nullopt;
    }
    auto const unit = units.find(text.substr(std::min(text.find_first_not_of(' ', end), text.size())));
    if (!(number >= 0) || unit == units.end() || number * unit->second > size_bytes_max) return std::nullopt;
    return static_cast<std::uint64_t>(number * unit->second);
}

}  // namespace firn::control
