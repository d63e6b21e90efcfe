// Takes inventories at once instead of once a day.
#include "server/control/endpoints/vault_choice.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

nlohmann::ordered_json take_inventory(storage::Transaction& transaction, std::int64_t vault_pk,
                                      storage::Time now, storage::Duration first_inventory_delay) {
    transaction.take_inventory(vault_pk, now);
    transaction.make_inventory_ready(vault_pk, now - first_inventory_delay);
    auto const vault = transaction.vault(vault_pk).value();
    return {{"account", vault.owner.account},
            {"region", vault.owner.region},
            {"vault", vault.name},
            {"at", text::format_milliseconds(vault.inventory->at)},
            {"archive_count", vault.inventory->contents.archive_count},
            {"archive_bytes", vault.inventory->contents.archive_bytes}};
}

}  // namespace

http::Response take_inventories(Request const& request, Context& context) {
    auto const body = request.object({"vault", "account", "region"});
    if (!body.has("vault") && (body.has("account") || body.has("region")))
        throw Refusal{400, "account and region need vault"};
    auto list = nlohmann::ordered_json::array();
    auto const delay = context.rules.timing.first_inventory_delay;
    context.time_control.write([&](storage::Transaction& transaction, storage::Time now) {
        auto const vault = chosen_vault(body, context, transaction);
        auto const vaults = vault ? std::vector{vault->vault_pk} : transaction.all_vaults();
        for (auto const vault_pk : vaults) list.push_back(take_inventory(transaction, vault_pk, now, delay));
    });
    return json_reply(200, {{"inventories", list}});
}

}  // namespace firn::control
