// Multipart uploads and their parts.
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

#define UPLOAD_COLUMNS \
    "upload_pk, vault_pk, upload_id, description, part_size_bytes, created_at, state, archive_id, due_at"

Upload read_upload(Query& query) {
    Upload upload;
    upload.upload_pk = query.integer(0);
    upload.vault_pk = query.integer(1);
    upload.upload_id = query.text(2);
    upload.description = query.optional_text(3);
    upload.part_size_bytes = static_cast<std::uint64_t>(query.integer(4));
    upload.created_at = query.time(5);
    upload.state = static_cast<UploadState>(query.integer(6));
    upload.archive_id = query.optional_text(7).value_or("");
    upload.due_at = query.time(8);
    return upload;
}

}  // namespace

std::optional<Upload> View::find_upload(std::int64_t vault_pk, std::string_view upload_id) const {
    auto query =
        connection_.query("SELECT " UPLOAD_COLUMNS " FROM uploads WHERE upload_id = ?1 AND vault_pk = ?2");
    query.bind(upload_id, vault_pk);
    return query.step() ? std::optional(read_upload(query)) : std::nullopt;
}

std::vector<Upload> View::list_uploads(std::int64_t vault_pk, std::int64_t from_pk, std::size_t limit) const {
    auto query = connection_.query("SELECT " UPLOAD_COLUMNS
                                   " FROM uploads WHERE vault_pk = ?1 AND state = 0 AND upload_pk >= ?2"
                                   " ORDER BY upload_pk LIMIT ?3");
    query.bind(vault_pk, from_pk, limit);
    std::vector<Upload> uploads;
    while (query.step()) uploads.push_back(read_upload(query));
    return uploads;
}

std::vector<Part> View::list_parts(std::int64_t upload_pk, std::uint64_t from_byte, std::size_t limit) const {
    auto query = connection_.query(
        "SELECT first_byte, size_bytes, tree_hash FROM blobs WHERE owner_pk = ?1 AND first_byte >= ?2"
        " ORDER BY first_byte LIMIT ?3");
    query.bind(upload_pk, from_byte, limit);
    std::vector<Part> parts;
    while (query.step()) {
        auto const first = static_cast<std::uint64_t>(query.integer(0));
        parts.push_back({{first, first + static_cast<std::uint64_t>(query.integer(1)) - 1}, query.digest(2)});
    }
    return parts;
}

void Transaction::add_upload(Upload const& upload) {
    auto query = connection_.query("INSERT INTO uploads (" UPLOAD_COLUMNS
                                   ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8)");
    query.bind(upload.upload_pk, upload.vault_pk, upload.upload_id, upload.description,
               upload.part_size_bytes, upload.created_at, static_cast<int>(upload.state), upload.due_at);
    query.run();
    note_due(upload.due_at);
}

void Transaction::put_part(Upload const& upload, std::uint64_t first_byte,
                           std::shared_ptr<StagedBlob> content, Time due_at) {
    remove_blobs(upload.upload_pk, {first_byte, first_byte});
    add_blob(upload.upload_pk, first_byte, std::move(content));
    connection_.query("UPDATE uploads SET due_at = ?2 WHERE upload_pk = ?1")
        .bind(upload.upload_pk, due_at)
        .run();
    note_due(due_at);
}

void Transaction::complete_upload(Upload const& upload, Archive const& archive, Time inventory_due_at,
                                  Time due_at) {
    insert_archive(archive, inventory_due_at);
    auto query =
        connection_.query("UPDATE uploads SET state = ?2, archive_id = ?3, due_at = ?4 WHERE upload_pk = ?1");
    query.bind(upload.upload_pk, static_cast<int>(UploadState::completed), archive.archive_id, due_at).run();
    note_due(due_at);
}

void Transaction::abort_upload(Upload const& upload, Time due_at) {
    remove_blobs(upload.upload_pk);
    auto query = connection_.query("UPDATE uploads SET state = ?2, due_at = ?3 WHERE upload_pk = ?1");
    query.bind(upload.upload_pk, static_cast<int>(UploadState::aborted), due_at).run();
    note_due(due_at);
}

void Transaction::drop_upload(std::int64_t upload_pk, Time at) {
    // A part that came meanwhile has put it off.
    auto query =
        connection_.query("DELETE FROM uploads WHERE upload_pk = ?1 AND due_at <= ?2 RETURNING state");
    query.bind(upload_pk, at);
    // The parts of a completed one belong to the archive.
    if (query.step() && static_cast<UploadState>(query.integer(0)) == UploadState::open)
        remove_blobs(upload_pk);
}

}  // namespace firn::storage
