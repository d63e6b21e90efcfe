// Archives and the blobs that hold their bytes.
#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "storage/blobs/synthetic.hpp"
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

#define ARCHIVE_COLUMNS                                                                                  \
    "archive_pk, vault_pk, archive_id, description, size_bytes, tree_hash, created_at, created_number, " \
    "deleted_number"

Archive read_archive(Query& query) {
    Archive archive;
    archive.archive_pk = query.integer(0);
    archive.vault_pk = query.integer(1);
    archive.archive_id = query.text(2);
    archive.description = query.text(3);
    archive.size_bytes = static_cast<std::uint64_t>(query.integer(4));
    archive.tree_hash = query.digest(5);
    archive.created_at = query.time(6);
    archive.created_number = query.integer(7);
    archive.deleted = !query.is_null(8);
    return archive;
}

// The blobs of owner ?1 that hold bytes of ?2…?3. Begins at the last one that starts at or before the range,
// so that the end of a long archive is found as fast as its beginning.
#define BLOBS_OF_RANGE                                                              \
    " FROM blobs WHERE owner_pk = ?1 AND first_byte <= ?3 AND first_byte >="        \
    " (SELECT max(first_byte) FROM blobs WHERE owner_pk = ?1 AND first_byte <= ?2)" \
    " ORDER BY first_byte"

std::span<std::byte const> as_bytes(std::vector<Digest> const& digests) {
    return std::as_bytes(std::span(digests));
}

}  // namespace

std::optional<Archive> View::find_archive(Owner const& owner, std::string_view archive_id) const {
    auto query = connection_.query("SELECT " ARCHIVE_COLUMNS
                                   " FROM archives WHERE archive_id = ?1 AND EXISTS (SELECT 1 FROM vaults"
                                   " WHERE vault_pk = archives.vault_pk AND account = ?2 AND region = ?3)");
    query.bind(archive_id, owner.account, owner.region);
    return query.step() ? std::optional(read_archive(query)) : std::nullopt;
}

std::optional<Archive> View::archive(std::int64_t archive_pk) const {
    auto query = connection_.query("SELECT " ARCHIVE_COLUMNS " FROM archives WHERE archive_pk = ?1");
    query.bind(archive_pk);
    return query.step() ? std::optional(read_archive(query)) : std::nullopt;
}

void View::visit_archives(std::int64_t vault_pk, InventoryFilter const& filter,
                          std::optional<std::int64_t> as_of_number,
                          std::function<bool(Archive const&)> const& visit) const {
    auto constexpr last = std::numeric_limits<std::int64_t>::max();
    auto query = connection_.query("SELECT " ARCHIVE_COLUMNS
                                   " FROM archives WHERE vault_pk = ?1 AND created_number BETWEEN ?2 AND ?3"
                                   " AND (deleted_number IS NULL OR deleted_number > ?3)"
                                   " AND created_at >= ?4 AND created_at < ?5 ORDER BY created_number");
    query.bind(vault_pk, filter.from_number.value_or(0), as_of_number.value_or(last),
               filter.start_at.value_or(Time::min()), filter.end_at.value_or(Time::max()));
    while (query.step()) {
        if (!visit(read_archive(query))) return;
    }
}

std::vector<BlobSlice> View::blob_slices(std::int64_t owner_pk, ByteRange range) const {
    auto query = connection_.query("SELECT first_byte, size_bytes, file, data, synthetic" BLOBS_OF_RANGE);
    query.bind(owner_pk, range.first, range.last);
    std::vector<BlobSlice> slices;
    while (query.step()) {
        auto const first = static_cast<std::uint64_t>(query.integer(0));
        auto const end = first + static_cast<std::uint64_t>(query.integer(1));
        BlobSlice slice;
        slice.offset = std::max(range.first, first) - first;
        slice.size_bytes = std::min(range.last + 1, end) - first - slice.offset;
        slice.file = query.optional_text(2).value_or("");
        slice.synthetic_tag = query.optional_integer(4);
        slice.blob_size_bytes = end - first;
        bool const is_inline = slice.file.empty() && !slice.synthetic_tag;
        // A snapshot that somebody made by hand may say anything.
        if (slice.offset >= slice.blob_size_bytes ||
            slice.size_bytes > slice.blob_size_bytes - slice.offset ||
            (is_inline && query.bytes(3).size() != slice.blob_size_bytes)) {
            throw std::runtime_error("the database holds other bytes than it says");
        }
        if (is_inline) {
            auto const bytes = query.bytes(3).subspan(slice.offset, slice.size_bytes);
            slice.data.assign(reinterpret_cast<char const*>(bytes.data()), bytes.size());
        }
        slices.push_back(std::move(slice));
    }
    return slices;
}

BlobReader View::open_content(std::int64_t owner_pk, ByteRange range) const {
    return {blobs_, owner_pk, blob_slices(owner_pk, range)};
}

Digest View::range_tree_hash(std::int64_t archive_pk, ByteRange range) const {
    auto query =
        connection_.query("SELECT first_byte, tree_hash, leaves, synthetic, size_bytes" BLOBS_OF_RANGE);
    query.bind(archive_pk, range.first, range.last);
    auto const first_leaf = range.first / leaf_size_bytes;
    auto const last_leaf = range.last / leaf_size_bytes;
    TreeHash hash;
    while (query.step()) {
        auto const blob_leaf = static_cast<std::uint64_t>(query.integer(0)) / leaf_size_bytes;
        if (!query.is_null(3)) {
            SyntheticContent const content(query.integer(3), static_cast<std::uint64_t>(query.integer(4)));
            content.add_leaves(hash, std::max(first_leaf, blob_leaf) - blob_leaf,
                               std::min(last_leaf + 1 - blob_leaf, content.leaf_count()));
            continue;
        }
        auto const stored = query.bytes(query.is_null(2) ? 1 : 2);
        for (std::size_t i = 0; (i + 1) * sizeof(Digest) <= stored.size(); ++i) {
            if (blob_leaf + i < first_leaf || blob_leaf + i > last_leaf) continue;
            Digest leaf;
            std::memcpy(leaf.data(), stored.data() + i * sizeof leaf, sizeof leaf);
            hash.add(leaf);
        }
    }
    return hash.root();
}

bool View::is_blob_file_known(std::string const& file) const {
    return names_blob_file(connection_, file);
}

BlobTotals View::blob_totals() const {
    auto query =
        connection_.query("SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs WHERE file IS NOT NULL");
    query.step();
    return {static_cast<std::uint64_t>(query.integer(0)), static_cast<std::uint64_t>(query.integer(1))};
}

void Transaction::add_archive(Archive const& archive, std::shared_ptr<StagedBlob> content,
                              Time inventory_due_at) {
    insert_archive(archive, inventory_due_at);
    add_blob(archive.archive_pk, 0, std::move(content));
}

void Transaction::add_synthetic_archive(Archive const& archive, std::int64_t tag, Time inventory_due_at) {
    insert_archive(archive, inventory_due_at);
    auto query = connection_.query(
        "INSERT INTO blobs (owner_pk, first_byte, size_bytes, tree_hash, synthetic) VALUES (?1, 0, ?2, ?3, "
        "?4)");
    query.bind(archive.archive_pk, archive.size_bytes, archive.tree_hash, tag).run();
}

void Transaction::insert_archive(Archive const& archive, Time inventory_due_at) {
    auto query = connection_.query(
        "INSERT INTO archives (archive_pk, vault_pk, archive_id, description, size_bytes, tree_hash, "
        "created_at,"
        " created_number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    query.bind(archive.archive_pk, archive.vault_pk, archive.archive_id, archive.description,
               archive.size_bytes, archive.tree_hash, archive.created_at, archive.created_number);
    query.run();
    record_write(archive.vault_pk, archive.created_at, 1, static_cast<std::int64_t>(archive.size_bytes),
                 inventory_due_at);
}

void Transaction::delete_archive(Archive const& archive, Time now, Time inventory_due_at) {
    auto query = connection_.query("UPDATE archives SET deleted_number = ?2 WHERE archive_pk = ?1");
    query.bind(archive.archive_pk, next_number()).run();
    record_write(archive.vault_pk, now, -1, -static_cast<std::int64_t>(archive.size_bytes), inventory_due_at);
    remove_unneeded_blobs(archive.archive_pk);
}

void Transaction::add_blob(std::int64_t owner_pk, std::uint64_t first_byte,
                           std::shared_ptr<StagedBlob> content) {
    auto const& leaves = content->digests().leaves;
    bool const in_file = !content->is_inline();
    auto query = connection_.query(
        "INSERT INTO blobs (owner_pk, first_byte, size_bytes, tree_hash, file, data, leaves)"
        " VALUES (?1, ?7, ?2, ?3, ?4, ?5, ?6)");
    query.bind(owner_pk, content->size_bytes(), content->digests().tree,
               in_file ? std::optional(content->file_name()) : std::nullopt,
               in_file ? std::nullopt : std::optional(content->inline_bytes()),
               leaves.size() > 1 ? std::optional(as_bytes(leaves)) : std::nullopt, first_byte);
    query.run();
    if (!in_file) return;
    // From here on the row decides. If the commit fails, nobody can tell whether it did: the file stays until
    // another commit has taken its place, or until a sweep.
    content->set_kept(true);
    undo_.emplace_back([content] { content->set_kept(false); });
}

void Transaction::remove_blobs(std::int64_t owner_pk) {
    remove_blobs(owner_pk, {0, std::numeric_limits<std::int64_t>::max()});
}

void Transaction::remove_blobs(std::int64_t owner_pk, ByteRange first_bytes) {
    std::vector<std::string> files;
    {
        auto query = connection_.query(
            "DELETE FROM blobs WHERE owner_pk = ?1 AND first_byte BETWEEN ?2 AND ?3 RETURNING file");
        query.bind(owner_pk, first_bytes.first, first_bytes.last);
        while (query.step()) {
            if (!query.is_null(0)) files.push_back(query.text(0));
        }
    }
    if (files.empty()) return;
    after_commit_.emplace_back([&blobs = blobs_, owner_pk, files] { blobs.remove(owner_pk, files); });
}

void Transaction::remove_unneeded_blobs(std::int64_t archive_pk) {
    {
        auto query = connection_.query(
            "SELECT 1 FROM archives WHERE archive_pk = ?1 AND deleted_number IS NULL"
            " UNION ALL SELECT 1 FROM jobs WHERE archive_pk = ?1 AND status = 1");
        query.bind(archive_pk);
        if (query.step()) return;
    }
    remove_blobs(archive_pk);
}

}  // namespace firn::storage
