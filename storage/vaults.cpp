// Vaults and their inventories.
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

constexpr char vault_columns[] = R"(
    vault_pk, account, region, name, created_at, archive_count, archive_bytes, written_at, inventory_at,
    inventory_number, inventory_count, inventory_bytes, inventory_first_at, inventory_due_at)";

Vault read_vault(Query& query) {
    Vault vault;
    std::optional<Time> inventory_at;
    Inventory inventory;
    query.read(vault.vault_pk, vault.owner.account, vault.owner.region, vault.name, vault.created_at,
               vault.contents.archive_count, vault.contents.archive_bytes, vault.written_at, inventory_at,
               inventory.number, inventory.contents.archive_count, inventory.contents.archive_bytes,
               vault.inventory_first_at, vault.inventory_due_at);
    if (inventory_at) {
        inventory.at = *inventory_at;
        vault.inventory = inventory;
    }
    return vault;
}

}  // namespace

std::optional<Vault> View::find_vault(Owner const& owner, std::string_view name) const {
    static constexpr auto sql = join_sql("SELECT ", vault_columns, R"(
        FROM vaults WHERE account = ?1 AND region = ?2 AND name = ?3)");
    return connection_.query(sql.data()).bind(owner.account, owner.region, name).first(read_vault);
}

std::optional<Vault> View::vault(std::int64_t vault_pk) const {
    static constexpr auto sql = join_sql("SELECT ", vault_columns, " FROM vaults WHERE vault_pk = ?1");
    return connection_.query(sql.data()).bind(vault_pk).first(read_vault);
}

std::vector<Vault> View::list_vaults(Owner const& owner, std::string_view from_name,
                                     std::size_t limit) const {
    static constexpr auto sql = join_sql("SELECT ", vault_columns, R"(
        FROM vaults WHERE account = ?1 AND region = ?2 AND name >= ?3
        ORDER BY name LIMIT ?4)");
    return connection_.query(sql.data()).bind(owner.account, owner.region, from_name, limit).all(read_vault);
}

std::uint64_t View::count_vaults(Owner const& owner) const {
    auto query = connection_.query("SELECT count(*) FROM vaults WHERE account = ?1 AND region = ?2");
    return query.bind(owner.account, owner.region).first<std::uint64_t>().value_or(0);
}

std::vector<Vault> View::list_vaults(VaultFilter const& filter, std::int64_t from_pk,
                                     std::size_t limit) const {
    static constexpr auto sql =
        join_sql("SELECT ", vault_columns, " FROM vaults WHERE vault_pk >= ?4 AND vault_pk IN ",
                 filtered_vaults, " ORDER BY vault_pk LIMIT ?5");
    auto query = connection_.query(sql.data());
    query.bind(filter.owner.account, filter.owner.region, filter.name, from_pk, limit);
    return query.all(read_vault);
}

std::vector<Vault> View::list_vaults_with_lock(VaultFilter const& filter, std::int64_t from_pk,
                                               std::size_t limit) const {
    static constexpr auto sql = join_sql("SELECT ", vault_columns, R"(
        FROM vaults WHERE vault_pk IN (SELECT vault_pk FROM vault_locks WHERE vault_pk >= ?4) AND vault_pk IN )",
                                         filtered_vaults, " ORDER BY vault_pk LIMIT ?5");
    auto query = connection_.query(sql.data());
    query.bind(filter.owner.account, filter.owner.region, filter.name, from_pk, limit);
    return query.all(read_vault);
}

void Transaction::create_vault(Vault const& vault) {
    auto query = connection_.query(
        "INSERT INTO vaults (vault_pk, account, region, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)");
    query.bind(vault.vault_pk, vault.owner.account, vault.owner.region, vault.name, vault.created_at).run();
}

void Transaction::delete_vault(std::int64_t vault_pk) {
    // The blobs of its archives are removed with them.
    static constexpr char owners_sql[] = R"(
        SELECT job_pk FROM jobs WHERE vault_pk = ?1
        UNION ALL SELECT upload_pk FROM uploads WHERE vault_pk = ?1 AND state = 0)";
    auto const owners = connection_.query(owners_sql).bind(vault_pk).all<std::int64_t>();
    for (auto const owner : owners) remove_blobs(owner);
    for (auto const sql :
         {"DELETE FROM jobs WHERE vault_pk = ?1", "DELETE FROM uploads WHERE vault_pk = ?1",
          "DELETE FROM tags WHERE vault_pk = ?1", "DELETE FROM vault_documents WHERE vault_pk = ?1",
          "DELETE FROM vault_locks WHERE vault_pk = ?1", "DELETE FROM vaults WHERE vault_pk = ?1"}) {
        connection_.query(sql).bind(vault_pk).run();
    }
    delete_archives(vault_pk);
}

void Transaction::take_inventory(std::int64_t vault_pk, Time at) {
    // The inventory includes a write that came after its due time, so its date is not before that write.
    auto query = connection_.query(R"(
        UPDATE vaults SET
            inventory_at = max(?2, coalesce(written_at, ?2)),
            inventory_number = ?3,
            inventory_count = archive_count,
            inventory_bytes = archive_bytes,
            inventory_first_at = coalesce(inventory_first_at, ?2),
            inventory_due_at = NULL
        WHERE vault_pk = ?1)");
    query.bind(vault_pk, at, next_number()).run();
}

void Transaction::make_inventory_ready(std::int64_t vault_pk, Time first_at) {
    auto query = connection_.query(R"(
        UPDATE vaults SET inventory_first_at = min(?2, inventory_first_at) WHERE vault_pk = ?1)");
    query.bind(vault_pk, first_at).run();
}

void Transaction::record_write(std::int64_t vault_pk, Time now, std::int64_t count_change,
                               std::int64_t bytes_change, std::optional<Time> inventory_due_at) {
    auto query = connection_.query(R"(
        UPDATE vaults SET
            archive_count = archive_count + ?2,
            archive_bytes = archive_bytes + ?3,
            written_at = max(?4, coalesce(written_at, ?4)),
            inventory_due_at = coalesce(inventory_due_at, ?5)
        WHERE vault_pk = ?1)");
    query.bind(vault_pk, count_change, bytes_change, now, inventory_due_at).run();
    if (inventory_due_at) note_due(*inventory_due_at);
}

std::vector<std::int64_t> View::vaults_without_due_inventory() const {
    auto query = connection_.query(R"(
        SELECT vault_pk FROM vaults
        WHERE inventory_due_at IS NULL AND written_at IS NOT NULL AND (
            inventory_at IS NULL OR written_at > inventory_at OR archive_count <> inventory_count OR
            archive_bytes <> inventory_bytes))");
    return query.all<std::int64_t>();
}

bool View::has_due_inventories() const {
    return connection_.query("SELECT 1 FROM vaults WHERE inventory_due_at IS NOT NULL LIMIT 1").step();
}

void Transaction::set_inventory_due(std::int64_t vault_pk, Time due) {
    connection_.query("UPDATE vaults SET inventory_due_at = ?2 WHERE vault_pk = ?1")
        .bind(vault_pk, due)
        .run();
    note_due(due);
}

void Transaction::clear_due_inventories() {
    connection_.query("UPDATE vaults SET inventory_due_at = NULL WHERE inventory_due_at IS NOT NULL").run();
}

}  // namespace firn::storage
