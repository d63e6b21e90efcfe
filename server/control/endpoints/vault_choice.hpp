// The one vault that a request may be about, where it is otherwise about all of them.
#pragma once

#include <optional>

#include "server/control/context.hpp"
#include "server/control/request.hpp"

namespace firn::control {

// The vault that the body's `vault`, `account` and `region` name; nothing when it names none. Throws Refusal.
std::optional<storage::Vault> chosen_vault(Request const& request, Context const& context,
                                           storage::View const& view);

}  // namespace firn::control
