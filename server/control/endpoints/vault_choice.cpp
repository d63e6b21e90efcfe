#include "server/control/endpoints/vault_choice.hpp"

#include <fmt/format.h>

#include "server/control/refusal.hpp"

namespace firn::control {

std::optional<storage::Vault> chosen_vault(text::JsonObject const& body, Context const& context,
                                           storage::View const& view) {
    auto const name = body.string("vault");
    if (!name) return std::nullopt;
    storage::Owner const owner{body.string("account").value_or(context.default_owner.account),
                               body.string("region").value_or(context.default_owner.region)};
    auto vault = view.find_vault(owner, *name);
    if (!vault)
        throw Refusal{404, fmt::format("there is no vault {} in account {}, region {}", *name, owner.account,
                                       owner.region)};
    return vault;
}

}  // namespace firn::control
