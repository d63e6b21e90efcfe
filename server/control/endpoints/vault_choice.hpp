// The optional choice of one vault in requests that otherwise apply to all vaults.
#pragma once

#include <optional>

#include "server/control/context.hpp"
#include "server/control/request.hpp"

namespace firn::control {

// The vault that `vault`, `account` and `region` in the body name; nothing when the body names none. Throws
// Refusal when it does not exist.
std::optional<storage::Vault> chosen_vault(Request const& request, Context const& context,
                                           storage::View const& view);

}  // namespace firn::control
