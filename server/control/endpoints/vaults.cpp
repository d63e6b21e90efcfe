// Shows the vaults of all accounts and regions.
#include "server/control/endpoints/listing.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

ordered_json describe(std::optional<storage::Inventory> const& inventory) {
    if (!inventory) return {};
    return {{"at", text::format_milliseconds(inventory->at)},
            {"archive_count", inventory->contents.archive_count},
            {"archive_bytes", inventory->contents.archive_bytes}};
}

ordered_json describe(storage::Vault const& vault, storage::View const& view) {
    auto const lock = view.vault_lock(vault.vault_pk);
    auto const has = [&](storage::VaultDocument kind) {
        return view.vault_document(vault.vault_pk, kind).has_value();
    };
    auto json = names_of(vault);
    json.update({{"created_at", text::format_milliseconds(vault.created_at)},
                 {"archive_count", vault.contents.archive_count},
                 {"archive_bytes", vault.contents.archive_bytes},
                 {"written_at", or_null(vault.written_at)},
                 {"inventory", describe(vault.inventory)},
                 {"inventory_due_at", or_null(vault.inventory_due_at)},
                 {"lock", lock ? ordered_json(lock->is_locked() ? "Locked" : "InProgress") : ordered_json()},
                 {"tags", view.tags(vault.vault_pk)},
                 {"access_policy", has(storage::VaultDocument::access_policy)},
                 {"notifications", has(storage::VaultDocument::notification_configuration)}});
    return json;
}

}  // namespace

http::Response list_vaults(Request const& request, Context& context) {
    auto const page = requested_page(request, context, "vaults");
    auto const reading = context.store.read();
    auto vaults =
        reading->list_vaults(requested_vaults(request, *reading), page.from_pk.value_or(0), page.limit + 1);
    return page_reply(context, page, std::move(vaults), &storage::Vault::vault_pk,
                      [&](storage::Vault const& vault) { return describe(vault, *reading); });
}

}  // namespace firn::control
