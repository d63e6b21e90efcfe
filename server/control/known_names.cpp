#include "server/control/known_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/control/refusal.hpp"

namespace firn::control {

void check_known(std::string_view name, std::vector<std::string_view> const& known, std::string_view where) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    auto const list = fmt::format("{}", fmt::join(known, ", "));
    throw Refusal{400,
                  fmt::format("{} is not known; {} takes {}", name, where, list.empty() ? "nothing" : list)};
}

}  // namespace firn::control
