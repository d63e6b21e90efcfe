// `firn vaults`, `firn archives` and `firn locks`: show what the vaults of all accounts hold.
#include <fmt/format.h>

#include "server/cli/listing.hpp"

namespace firn::cli {
namespace {

Json row_of_vault(Json const& vault) {
    auto row = vault;
    auto const inventory = vault.value("inventory", Json());
    row["inventory_at"] = inventory.is_object() ? inventory.value("at", Json()) : Json();
    auto const tags = vault.value("tags", Json::object());
    std::string text;
    for (auto const& [key, value] : tags.items())
        text += (text.empty() ? "" : ", ") + key + "=" + cell(value);
    row["tags"] = text.empty() ? Json() : Json(text);
    return row;
}

void add_archive_filters(CLI::App& archives, SharedQuery const& query) {
    add_vault_filters(archives, query);
    archives.add_flag_callback(
        "--deleted", [query] { query->emplace_back("deleted", "true"); },
        "Only deleted archives, which stay known until their vault is deleted");
}

}  // namespace

void define_vaults(CLI::App& vaults, Commands& commands) {
    Listing const listing{"vaults",
                          {{"VAULT", "vault"},
                           {"ACCOUNT", "account"},
                           {"REGION", "region"},
                           {"CREATED", "created_at"},
                           {"ARCHIVES", "archive_count"},
                           {"BYTES", "archive_bytes"},
                           {"INVENTORY", "inventory_at"},
                           {"NEXT INVENTORY", "inventory_due_at"},
                           {"LOCK", "lock"},
                           {"TAGS", "tags"}},
                          "no vaults",
                          row_of_vault,
                          add_vault_filters};
    define_listing(vaults, commands, listing, "List the vaults, oldest first");
}

void define_archives(CLI::App& archives, Commands& commands) {
    Listing const listing{"archives",
                          {{"VAULT", "vault"},
                           {"ACCOUNT", "account"},
                           {"REGION", "region"},
                           {"CREATED", "created_at"},
                           {"BYTES", "size_bytes"},
                           {"ARCHIVE ID", "archive_id"},
                           {"DESCRIPTION", "description"}},
                          "no archives",
                          nullptr,
                          add_archive_filters};
    define_listing(archives, commands, listing, "List the archives, vault by vault");
}

void define_locks(CLI::App& locks, Commands& commands) {
    Listing const listing{"locks",
                          {{"VAULT", "vault"},
                           {"ACCOUNT", "account"},
                           {"REGION", "region"},
                           {"STATE", "state"},
                           {"CREATED", "created_at"},
                           {"EXPIRES", "expires_at"},
                           {"LOCK ID", "lock_id"}},
                          "no locks",
                          nullptr,
                          add_vault_filters};
    define_listing(locks, commands, listing, "List the vault locks, in progress and complete");

    auto const choice = std::make_shared<VaultChoice>();
    auto& expire =
        commands.add(locks, "expire", "End the attempt to lock a vault now, as if its time were over",
                     [choice](Session const& session) {
                         session.ask("POST", {"locks", "expire"}, choice->body());
                         session.say(fmt::format("vault {} has no lock now", choice->vault));
                     });
    add_id(expire, choice->vault, "vault", "Name of the vault");
    add_account_and_region(expire, choice);
}

}  // namespace firn::cli
