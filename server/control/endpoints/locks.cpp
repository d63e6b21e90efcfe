// Shows the vault locks of all vaults; ends an attempt to lock before it is due.
#include <fmt/format.h>

#include "server/control/endpoints/expiry.hpp"
#include "server/control/endpoints/listing.hpp"
#include "server/control/endpoints/vault_choice.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

nlohmann::ordered_json describe(storage::Vault const& vault, storage::View const& view) {
    auto const lock = view.vault_lock(vault.vault_pk).value();
    auto json = names_of(vault);
    json.update({{"lock_id", lock.lock_id},
                 {"state", lock.is_locked() ? "Locked" : "InProgress"},
                 {"created_at", text::format_milliseconds(lock.created_at)},
                 {"expires_at", or_null(lock.due_at)},
                 {"policy", lock.policy}});
    return json;
}

}  // namespace

http::Response list_locks(Request const& request, Context& context) {
    auto const page = requested_page(request, context, "locks");
    auto const reading = context.store.read();
    auto vaults = reading->list_vaults_with_lock(requested_vaults(request, *reading),
                                                 page.from_pk.value_or(0), page.limit + 1);
    return page_reply(context, page, std::move(vaults), &storage::Vault::vault_pk,
                      [&](storage::Vault const& vault) { return describe(vault, *reading); });
}

http::Response expire_lock(Request const& request, Context& context) {
    context.time_control.write([&](storage::Transaction& transaction, storage::Time) {
        auto const object = request.object({"vault", "account", "region"});
        auto const vault = chosen_vault(object, context, transaction);
        if (!vault) throw Refusal{400, "vault is missing; give the name of a vault"};
        auto const lock = transaction.vault_lock(vault->vault_pk);
        if (!lock) throw Refusal{404, fmt::format("vault {} has no lock", vault->name)};
        if (lock->is_locked())
            throw Refusal{409,
                          fmt::format("the lock of vault {} is complete and never expires", vault->name)};
        expire(transaction, {storage::Due::Kind::lock_ends, *lock->due_at, vault->vault_pk});
    });
    return empty_reply(204);
}

}  // namespace firn::control
