#include "server/control/known_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/control/refusal.hpp"
#include "server/glacier/operation_table.hpp"
#include "server/identity/caller.hpp"
#include "server/text/nearest.hpp"
#include "server/text/wildcard.hpp"

namespace firn::control {

void check_known(std::string_view name, std::vector<std::string_view> const& known, std::string_view where) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    auto const list = fmt::format("{}", fmt::join(known, ", "));
    throw Refusal{400,
                  fmt::format("{} is not known; {} takes {}", name, where, list.empty() ? "nothing" : list)};
}

std::string suggestion(std::string_view name, std::vector<std::string_view> known) {
    // Much longer than every name, it is similar to none.
    auto const compared = name.substr(0, 100);
    std::ranges::stable_sort(known, {},
                             [&](std::string_view each) { return text::edit_distance(compared, each); });
    return fmt::format("did you mean {}? The others are {}", known.front(),
                       fmt::join(known.begin() + 1, known.end(), ", "));
}

void check_operation_pattern(std::string_view pattern) {
    std::vector<std::string_view> names;
    for (auto const& operation : glacier::operations()) {
        if (text::matches_wildcard(pattern, operation.name)) return;
        names.push_back(operation.name);
    }
    throw Refusal{400, fmt::format("no operation matches {}; {}", pattern, suggestion(pattern, names))};
}

void check_vault_pattern(std::string_view pattern) {
    std::string name(pattern);
    std::ranges::replace(name, '?', '-');
    std::erase(name, '*');
    // `*` alone is a pattern, though nothing is left of it.
    if (glacier::is_vault_name(name) || (name.empty() && !pattern.empty())) return;
    throw Refusal{400, fmt::format("no vault can have the name {}: it has 1 to 255 characters of a-z A-Z "
                                   "0-9 _ - . and, in a pattern, * and ?",
                                   pattern)};
}

void check_owner(std::optional<std::string> const& account, std::optional<std::string> const& region) {
    if (account && !identity::is_account_id(*account))
        throw Refusal{400, fmt::format("account must be 12 digits, not {}", *account)};
    if (region && !identity::is_region(*region))
        throw Refusal{400, fmt::format("region must be a name like us-east-1, not {}", *region)};
}

}  // namespace firn::control
