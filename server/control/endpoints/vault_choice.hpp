// The optional choice of one vault in requests that otherwise apply to all vaults.
#pragma once

#include <optional>

#include "server/control/context.hpp"
#include "server/text/json_object.hpp"

namespace firn::control {

// The vault that `vault`, `account` and `region` in the body name; nothing when the body has no `vault`.
// Throws Refusal when it does not exist.
std::optional<storage::Vault> chosen_vault(text::JsonObject const& body, Context const& context,
                                           storage::View const& view);

}  // namespace firn::control
