#include "server/glacier/operations/archives.hpp"

#include "server/glacier/limits.hpp"
#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/reply.hpp"

namespace firn::glacier {

void check_upload_archive(Request const& request, storage::View const& view) {
    auto const length = request.head.content_length;
    if (length == 0) throw errors::invalid_content_length("0", "an archive has at least one byte");
    if (length > archive_size_bytes_max) {
        throw errors::invalid_content_length(
            std::to_string(*length), "one request carries at most 4 GiB; upload larger archives in parts");
    }
    check_hash_fields(request);
    check_description(request.head.fields.find(description_field).value_or(""), description_field);
    require_vault(request, view);
}

http::Response upload_archive(Request const& request, storage::Transaction& transaction) {
    // The length of a chunked body is known only now.
    if (request.content->size_bytes() == 0) {
        throw errors::invalid_content_length("0", "an archive has at least one byte");
    }
    // Once more: the vault may have been deleted while the body arrived.
    auto const vault = require_vault(request, transaction);
    storage::Archive archive;
    archive.vault_pk = vault.vault_pk;
    archive.archive_pk = transaction.next_number();
    archive.archive_id = request.rules.random.id("archive", archive.archive_pk, archive_id_length);
    archive.description = request.head.fields.find(description_field).value_or("");
    archive.size_bytes = request.content->size_bytes();
    archive.created_at = request.now;
    archive.created_number = archive.archive_pk;
    archive.tree_hash = request.content->digests().tree;
    transaction.add_archive(
        archive, request.content,
        next_inventory_due(request.rules.timing, request.rules.random, vault, request.now));
    return archive_response(request, archive.archive_id, archive.tree_hash);
}

http::Response delete_archive(Request const& request, storage::Transaction& transaction) {
    auto const vault = require_vault(request, transaction);
    auto const archive = transaction.find_archive(request.owner, request.resource_id);
    if (!archive) throw errors::archive_not_found(request.resource_id);
    if (archive->vault_pk != vault.vault_pk) throw errors::archive_of_another_vault(request.vault_arn());
    // Deleting an archive again succeeds and changes nothing.
    if (!archive->deleted) {
        auto const due = next_inventory_due(request.rules.timing, request.rules.random, vault, request.now);
        transaction.delete_archive(*archive, request.now, due);
    }
    return success_response(request);
}

}  // namespace firn::glacier
