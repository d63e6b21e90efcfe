// Archives and the blobs that hold their bytes.
#include <limits>

#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

constexpr auto number_max = std::numeric_limits<std::int64_t>::max();
// What one transaction deletes, so that others need not wait long: each row is somewhere else in the indexes.
constexpr std::size_t deletions_max = 100;

constexpr char archive_columns[] = R"(
    archive_pk, vault_pk, archive_id, description, size_bytes, tree_hash, created_at, created_number,
    deleted_number)";

Archive read_archive(Query& query) {
    Archive archive;
    std::optional<std::int64_t> deleted_number;
    query.read(archive.archive_pk, archive.vault_pk, archive.archive_id, archive.description,
               archive.size_bytes, archive.tree_hash, archive.created_at, archive.created_number,
               deleted_number);
    archive.deleted = deleted_number.has_value();
    return archive;
}

std::span<std::byte const> as_bytes(std::vector<Digest> const& digests) {
    return std::as_bytes(std::span(digests));
}

}  // namespace

std::optional<Archive> View::find_archive(Owner const& owner, std::string_view archive_id) const {
    static constexpr auto sql = join_sql("SELECT ", archive_columns, R"(
        FROM archives
        WHERE archive_id = ?1 AND EXISTS (
            SELECT 1 FROM vaults WHERE vault_pk = archives.vault_pk AND account = ?2 AND region = ?3))");
    return connection_.query(sql.data()).bind(archive_id, owner.account, owner.region).first(read_archive);
}

std::optional<Archive> View::archive(std::int64_t archive_pk) const {
    static constexpr auto sql = join_sql("SELECT ", archive_columns, " FROM archives WHERE archive_pk = ?1");
    return connection_.query(sql.data()).bind(archive_pk).first(read_archive);
}

void View::visit_archives(std::int64_t vault_pk, InventoryFilter const& filter,
                          std::optional<std::int64_t> as_of_number,
                          std::function<bool(Archive const&)> const& visit) const {
    static constexpr auto sql = join_sql("SELECT ", archive_columns, R"(
        FROM archives
        WHERE vault_pk = ?1 AND created_number BETWEEN ?2 AND ?3
            AND (deleted_number IS NULL OR deleted_number > ?3)
            AND created_at >= ?4 AND created_at < ?5
        ORDER BY created_number)");
    auto query = connection_.query(sql.data());
    query.bind(vault_pk, filter.from_number.value_or(0), as_of_number.value_or(number_max),
               filter.start_at.value_or(Time::min()), filter.end_at.value_or(Time::max()));
    while (query.step()) {
        if (!visit(read_archive(query))) return;
    }
}

std::vector<Archive> View::list_archives(VaultFilter const& filter, bool deleted,
                                         std::optional<Archive> const& from, std::size_t limit) const {
    // A walk along archives_by_vault, one vault after the other: no page reads what another page shows.
    static constexpr auto sql = join_sql("SELECT ", archive_columns, R"(
        FROM (SELECT vault_pk AS chosen_pk FROM vaults WHERE vault_pk >= ?4 AND vault_pk IN )",
                                         filtered_vaults, R"()
        CROSS JOIN archives ON vault_pk = chosen_pk
            AND created_number >= CASE chosen_pk WHEN ?4 THEN ?5 ELSE 0 END
        WHERE (deleted_number IS NOT NULL) = ?6
        ORDER BY chosen_pk, created_number LIMIT ?7)");
    auto query = connection_.query(sql.data());
    query.bind(filter.owner.account, filter.owner.region, filter.name, from ? from->vault_pk : 0,
               from ? from->created_number : 0, int{deleted}, limit);
    return query.all(read_archive);
}

BlobReader View::open_content(std::int64_t owner_pk, ByteRange range) const {
    return {blobs_, owner_pk, blob_slices(connection_, owner_pk, range)};
}

Digest View::range_tree_hash(std::int64_t archive_pk, ByteRange range) const {
    return storage::range_tree_hash(connection_, archive_pk, range);
}

std::vector<std::int64_t> View::keys_without_vault() const {
    // Jumps from key to key in the index instead of reading all of it.
    static constexpr char sql[] = R"(
        WITH RECURSIVE keys (pk) AS (
            SELECT min(vault_pk) FROM archives
            UNION ALL
            SELECT (SELECT min(vault_pk) FROM archives WHERE vault_pk > pk) FROM keys WHERE pk IS NOT NULL)
        SELECT pk FROM keys WHERE pk IS NOT NULL AND pk NOT IN (SELECT vault_pk FROM vaults))";
    return connection_.query(sql).all<std::int64_t>();
}

BlobTotals View::blob_totals() const {
    return storage::blob_totals(connection_);
}

void Transaction::add_archive(Archive const& archive, std::shared_ptr<StagedBlob> content,
                              std::optional<Time> inventory_due_at) {
    insert_archive(archive, inventory_due_at);
    add_blob(archive.archive_pk, 0, std::move(content));
}

void Transaction::add_synthetic_archive(Archive const& archive, std::int64_t tag,
                                        std::optional<Time> inventory_due_at) {
    insert_archive(archive, inventory_due_at);
    auto query = connection_.query(R"(
        INSERT INTO blobs (owner_pk, first_byte, size_bytes, tree_hash, synthetic)
        VALUES (?1, 0, ?2, ?3, ?4))");
    query.bind(archive.archive_pk, archive.size_bytes, archive.tree_hash, tag).run();
}

void Transaction::insert_archive(Archive const& archive, std::optional<Time> inventory_due_at) {
    static constexpr auto sql = join_sql("INSERT INTO archives (", archive_columns,
                                         ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)");
    auto query = connection_.query(sql.data());
    query.bind(archive.archive_pk, archive.vault_pk, archive.archive_id, archive.description,
               archive.size_bytes, archive.tree_hash, archive.created_at, archive.created_number);
    query.run();
    record_write(archive.vault_pk, archive.created_at, 1, static_cast<std::int64_t>(archive.size_bytes),
                 inventory_due_at);
}

void Transaction::delete_archive(Archive const& archive, Time now, std::optional<Time> inventory_due_at) {
    auto query = connection_.query("UPDATE archives SET deleted_number = ?2 WHERE archive_pk = ?1");
    query.bind(archive.archive_pk, next_number()).run();
    record_write(archive.vault_pk, now, -1, -static_cast<std::int64_t>(archive.size_bytes), inventory_due_at);
    remove_unneeded_blobs(archive.archive_pk);
}

void Transaction::adopt_archives(std::int64_t vault_pk, std::int64_t from_pk, Contents const& contents,
                                 Time written_at, std::optional<Time> inventory_due_at) {
    if (vault_pk != from_pk) {
        // New numbers, because an inventory that was taken in the meantime does not list these archives.
        auto range = connection_.query(
            "SELECT min(created_number), max(created_number) FROM archives WHERE vault_pk = ?1");
        range.bind(from_pk).step();
        std::int64_t first = 0;
        std::int64_t last = 0;
        range.read(first, last);
        auto query = connection_.query(R"(
            UPDATE archives SET vault_pk = ?2, created_number = created_number + ?3 WHERE vault_pk = ?1)");
        query.bind(from_pk, vault_pk, next_numbers(last - first + 1) - first).run();
    }
    record_write(vault_pk, written_at, static_cast<std::int64_t>(contents.archive_count),
                 static_cast<std::int64_t>(contents.archive_bytes), inventory_due_at);
}

void Transaction::delete_archives(std::int64_t vault_pk) {
    // A restore may have brought the vault back since this was queued.
    if (vault(vault_pk)) return;
    auto query = connection_.query("SELECT archive_pk FROM archives WHERE vault_pk = ?1 LIMIT ?2");
    auto const archives = query.bind(vault_pk, deletions_max).all<std::int64_t>();
    for (auto const archive_pk : archives) {
        remove_blobs(archive_pk);
        connection_.query("DELETE FROM archives WHERE archive_pk = ?1").bind(archive_pk).run();
    }
    if (archives.size() < deletions_max) return;
    then([vault_pk](Transaction& next) { next.delete_archives(vault_pk); });
}

void Transaction::add_blob(std::int64_t owner_pk, std::uint64_t first_byte,
                           std::shared_ptr<StagedBlob> content) {
    auto const& leaves = content->digests().leaves;
    bool const in_file = !content->is_inline();
    auto query = connection_.query(R"(
        INSERT INTO blobs (owner_pk, first_byte, size_bytes, tree_hash, file, data, leaves)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))");
    query.bind(owner_pk, first_byte, content->size_bytes(), content->digests().tree,
               in_file ? std::optional(content->file_name()) : std::nullopt,
               in_file ? std::nullopt : std::optional(content->inline_bytes()),
               leaves.size() > 1 ? std::optional(as_bytes(leaves)) : std::nullopt);
    query.run();
    if (!in_file) return;
    // From here on the row decides whether the file stays. A failed commit may reappear after a crash, so the
    // file stays until another commit has overwritten the failed one, or until a sweep.
    content->set_kept(true);
    undo_.emplace_back([content] { content->set_kept(false); });
}

void Transaction::remove_blobs(std::int64_t owner_pk) {
    remove_blobs(owner_pk, {0, std::numeric_limits<std::int64_t>::max()});
}

void Transaction::remove_blobs(std::int64_t owner_pk, ByteRange first_bytes) {
    std::vector<std::string> files;
    {
        auto query = connection_.query(R"(
            DELETE FROM blobs WHERE owner_pk = ?1 AND first_byte BETWEEN ?2 AND ?3 RETURNING file)");
        query.bind(owner_pk, first_bytes.first, first_bytes.last);
        while (query.step()) {
            std::optional<std::string> file;
            query.read(file);
            if (file) files.push_back(std::move(*file));
        }
    }
    if (files.empty()) return;
    after_commit_.emplace_back([&blobs = blobs_, owner_pk, files] { blobs.remove(owner_pk, files); });
}

void Transaction::remove_unneeded_blobs(std::int64_t archive_pk) {
    static constexpr char needed_sql[] = R"(
        SELECT 1 FROM archives WHERE archive_pk = ?1 AND deleted_number IS NULL
        UNION ALL SELECT 1 FROM jobs WHERE archive_pk = ?1 AND status = 1)";
    if (!connection_.query(needed_sql).bind(archive_pk).step()) remove_blobs(archive_pk);
}

}  // namespace firn::storage
