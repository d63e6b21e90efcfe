#include "server/control/endpoints/vault_choice.hpp"

#include <fmt/format.h>

namespace firn::control {

std::optional<storage::Vault> chosen_vault(Request const& request, Context const& context,
                                           storage::View const& view) {
    auto const object = request.object({"vault", "account", "region"});
    auto const name = object.string("vault");
    auto const account = object.string("account");
    auto const region = object.string("region");
    if (!name) {
        if (account || region) throw Refusal{400, "account and region need vault"};
        return std::nullopt;
    }
    storage::Owner const owner{account.value_or(context.default_owner.account),
                               region.value_or(context.default_owner.region)};
    auto vault = view.find_vault(owner, *name);
    if (!vault)
        throw Refusal{404, fmt::format("there is no vault {} in account {}, region {}", *name, owner.account,
                                       owner.region)};
    return vault;
}

}  // namespace firn::control
