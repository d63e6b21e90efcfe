// Multipart uploads and their parts.
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

constexpr char upload_columns[] =
    "upload_pk, vault_pk, upload_id, description, part_size_bytes, created_at, state, archive_id, due_at";

Upload read_upload(Query& query) {
    Upload upload;
    query.read(upload.upload_pk, upload.vault_pk, upload.upload_id, upload.description,
               upload.part_size_bytes, upload.created_at, upload.state, upload.archive_id, upload.due_at);
    return upload;
}

Part read_part(Query& query) {
    Part part;
    std::uint64_t size_bytes = 0;
    query.read(part.range.first, size_bytes, part.tree_hash);
    part.range.last = part.range.first + size_bytes - 1;
    return part;
}

}  // namespace

std::optional<Upload> View::find_upload(std::int64_t vault_pk, std::string_view upload_id) const {
    static constexpr auto sql = join_sql("SELECT ", upload_columns, R"(
        FROM uploads WHERE upload_id = ?1 AND vault_pk = ?2)");
    return connection_.query(sql.data()).bind(upload_id, vault_pk).first(read_upload);
}

std::optional<Upload> View::find_upload(std::string_view upload_id) const {
    static constexpr auto sql = join_sql("SELECT ", upload_columns, " FROM uploads WHERE upload_id = ?1");
    return connection_.query(sql.data()).bind(upload_id).first(read_upload);
}

std::vector<Upload> View::list_uploads(std::int64_t vault_pk, std::int64_t from_pk, std::size_t limit) const {
    static constexpr auto sql = join_sql("SELECT ", upload_columns, R"(
        FROM uploads WHERE vault_pk = ?1 AND state = 0 AND upload_pk >= ?2
        ORDER BY upload_pk LIMIT ?3)");
    return connection_.query(sql.data()).bind(vault_pk, from_pk, limit).all(read_upload);
}

std::vector<Upload> View::list_uploads(VaultFilter const& filter, std::int64_t from_pk,
                                       std::size_t limit) const {
    static constexpr auto sql = join_sql("SELECT ", upload_columns, R"(
        FROM uploads WHERE upload_pk >= ?4 AND state = 0 AND +vault_pk IN )",
                                         filtered_vaults, " ORDER BY upload_pk LIMIT ?5");
    auto query = connection_.query(sql.data());
    query.bind(filter.owner.account, filter.owner.region, filter.name, from_pk, limit);
    return query.all(read_upload);
}

std::vector<Part> View::list_parts(std::int64_t upload_pk, std::uint64_t from_byte, std::size_t limit) const {
    auto query = connection_.query(R"(
        SELECT first_byte, size_bytes, tree_hash FROM blobs
        WHERE owner_pk = ?1 AND first_byte >= ?2
        ORDER BY first_byte LIMIT ?3)");
    return query.bind(upload_pk, from_byte, limit).all(read_part);
}

PartTotals View::part_totals(std::int64_t upload_pk) const {
    auto query =
        connection_.query("SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs WHERE owner_pk = ?1");
    PartTotals totals;
    if (query.bind(upload_pk).step()) query.read(totals.part_count, totals.part_bytes);
    return totals;
}

void Transaction::add_upload(Upload const& upload) {
    static constexpr auto sql =
        join_sql("INSERT INTO uploads (", upload_columns, ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8)");
    auto query = connection_.query(sql.data());
    query.bind(upload.upload_pk, upload.vault_pk, upload.upload_id, upload.description,
               upload.part_size_bytes, upload.created_at, upload.state, upload.due_at);
    query.run();
    note_due(upload.due_at);
}

void Transaction::put_part(Upload const& upload, std::uint64_t first_byte,
                           std::shared_ptr<StagedBlob> content, Time due_at) {
    remove_blobs(upload.upload_pk, {first_byte, first_byte});
    add_blob(upload.upload_pk, first_byte, std::move(content));
    auto query = connection_.query("UPDATE uploads SET due_at = ?2 WHERE upload_pk = ?1");
    query.bind(upload.upload_pk, due_at).run();
    note_due(due_at);
}

void Transaction::complete_upload(Upload const& upload, Archive const& archive,
                                  std::optional<Time> inventory_due_at, Time due_at) {
    insert_archive(archive, inventory_due_at);
    auto query =
        connection_.query("UPDATE uploads SET state = ?2, archive_id = ?3, due_at = ?4 WHERE upload_pk = ?1");
    query.bind(upload.upload_pk, UploadState::completed, archive.archive_id, due_at).run();
    note_due(due_at);
}

void Transaction::abort_upload(Upload const& upload, Time due_at) {
    remove_blobs(upload.upload_pk);
    auto query = connection_.query("UPDATE uploads SET state = ?2, due_at = ?3 WHERE upload_pk = ?1");
    query.bind(upload.upload_pk, UploadState::aborted, due_at).run();
    note_due(due_at);
}

void Transaction::drop_upload(std::int64_t upload_pk, Time at) {
    // A part may have postponed the upload in the meantime.
    auto query =
        connection_.query("DELETE FROM uploads WHERE upload_pk = ?1 AND due_at <= ?2 RETURNING state");
    auto const state = query.bind(upload_pk, at).first<UploadState>();
    // The parts of a completed one belong to the archive.
    if (state == UploadState::open) remove_blobs(upload_pk);
}

}  // namespace firn::storage
