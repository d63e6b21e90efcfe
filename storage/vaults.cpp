// Vaults and their inventories.
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

#define VAULT_COLUMNS                                                                         \
    "vault_pk, account, region, name, created_at, archive_count, archive_bytes, written_at, " \
    "inventory_at, inventory_number, inventory_count, inventory_bytes, inventory_first_at, "  \
    "inventory_due_at"

Contents contents(Query& query, int column) {
    return {static_cast<std::uint64_t>(query.integer(column)),
            static_cast<std::uint64_t>(query.integer(column + 1))};
}

Vault read_vault(Query& query) {
    Vault vault;
    vault.vault_pk = query.integer(0);
    vault.owner = {query.text(1), query.text(2)};
    vault.name = query.text(3);
    vault.created_at = query.time(4);
    vault.contents = contents(query, 5);
    vault.written_at = query.optional_time(7);
    if (!query.is_null(8)) vault.inventory = Inventory{query.time(8), query.integer(9), contents(query, 10)};
    vault.inventory_first_at = query.optional_time(12);
    vault.inventory_due_at = query.optional_time(13);
    return vault;
}

}  // namespace

std::optional<Vault> View::find_vault(Owner const& owner, std::string_view name) const {
    auto query = connection_.query("SELECT " VAULT_COLUMNS
                                   " FROM vaults WHERE account = ?1 AND region = ?2 AND name = ?3");
    query.bind(owner.account, owner.region, name);
    return query.step() ? std::optional(read_vault(query)) : std::nullopt;
}

std::optional<Vault> View::vault(std::int64_t vault_pk) const {
    auto query = connection_.query("SELECT " VAULT_COLUMNS " FROM vaults WHERE vault_pk = ?1");
    query.bind(vault_pk);
    return query.step() ? std::optional(read_vault(query)) : std::nullopt;
}

std::vector<Vault> View::list_vaults(Owner const& owner, std::string_view from_name,
                                     std::size_t limit) const {
    auto query = connection_.query("SELECT " VAULT_COLUMNS
                                   " FROM vaults WHERE account = ?1 AND region = ?2 AND name >= ?3"
                                   " ORDER BY name LIMIT ?4");
    query.bind(owner.account, owner.region, from_name, limit);
    std::vector<Vault> vaults;
    while (query.step()) vaults.push_back(read_vault(query));
    return vaults;
}

std::uint64_t View::count_vaults(Owner const& owner) const {
    auto query = connection_.query("SELECT count(*) FROM vaults WHERE account = ?1 AND region = ?2");
    query.bind(owner.account, owner.region);
    query.step();
    return static_cast<std::uint64_t>(query.integer(0));
}

void Transaction::create_vault(Vault const& vault) {
    auto query = connection_.query(
        "INSERT INTO vaults (vault_pk, account, region, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)");
    query.bind(vault.vault_pk, vault.owner.account, vault.owner.region, vault.name, vault.created_at).run();
}

void Transaction::delete_vault(std::int64_t vault_pk) {
    std::vector<std::int64_t> owners;
    {
        auto query = connection_.query(
            "SELECT archive_pk FROM archives WHERE vault_pk = ?1 AND archive_pk IN (SELECT owner_pk FROM "
            "blobs)"
            " UNION ALL SELECT job_pk FROM jobs WHERE vault_pk = ?1");
        query.bind(vault_pk);
        while (query.step()) owners.push_back(query.integer(0));
    }
    for (auto const owner : owners) remove_blobs(owner);
    for (auto const sql :
         {"DELETE FROM jobs WHERE vault_pk = ?1", "DELETE FROM uploads WHERE vault_pk = ?1",
          "DELETE FROM archives WHERE vault_pk = ?1", "DELETE FROM tags WHERE vault_pk = ?1",
          "DELETE FROM vault_documents WHERE vault_pk = ?1", "DELETE FROM vault_locks WHERE vault_pk = ?1",
          "DELETE FROM vaults WHERE vault_pk = ?1"}) {
        connection_.query(sql).bind(vault_pk).run();
    }
}

void Transaction::take_inventory(std::int64_t vault_pk, Time at) {
    // A write that came between the due time and this moment is in the inventory, so that is not dated before
    // it.
    auto query = connection_.query(
        "UPDATE vaults SET inventory_at = max(?2, coalesce(written_at, ?2)), inventory_number = ?3,"
        " inventory_count = archive_count, inventory_bytes = archive_bytes,"
        " inventory_first_at = coalesce(inventory_first_at, ?2), inventory_due_at = NULL WHERE vault_pk = "
        "?1");
    query.bind(vault_pk, at, next_number()).run();
}

void Transaction::make_inventory_ready(std::int64_t vault_pk, Time first_at) {
    connection_
        .query("UPDATE vaults SET inventory_first_at = min(?2, inventory_first_at) WHERE vault_pk = ?1")
        .bind(vault_pk, first_at)
        .run();
}

void Transaction::record_write(std::int64_t vault_pk, Time now, std::int64_t count_change,
                               std::int64_t bytes_change, Time inventory_due_at) {
    auto query = connection_.query(
        "UPDATE vaults SET archive_count = archive_count + ?2, archive_bytes = archive_bytes + ?3,"
        " written_at = max(?4, coalesce(written_at, ?4)), inventory_due_at = coalesce(inventory_due_at, ?5)"
        " WHERE vault_pk = ?1");
    query.bind(vault_pk, count_change, bytes_change, now, inventory_due_at).run();
    note_due(inventory_due_at);
}

}  // namespace firn::storage
