#include "server/glacier/archives.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <cctype>

#include "server/glacier/limits.hpp"
#include "storage/sha256.hpp"

namespace firn::glacier {
namespace {

constexpr std::string_view content_hash_field = "x-amz-content-sha256";
constexpr std::string_view tree_hash_field = "x-amz-sha256-tree-hash";
constexpr std::string_view description_field = "x-amz-archive-description";

std::string_view require_field(Request const& request, std::string_view name, std::string_view hint) {
    auto const value = request.head.fields.find(name);
    if (!value || value->empty()) throw errors::missing_parameter(name, hint);
    return *value;
}

// Glacier checks that the header can be decoded, not that it has 64 digits: 32 zeros are a mismatch, `000` is
// not valid.
bool is_decodable_hex(std::string_view text) {
    return text.size() % 2 == 0 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::string_view description(Request const& request) {
    return request.head.fields.find(description_field).value_or("");
}

// Names the usual mistakes behind a checksum that does not fit.
std::string explain_tree_hash(std::string_view sent, storage::StagedBlob const& content) {
    if (boost::iequals(sent, storage::to_hex(storage::sha256({})))) {
        return "the value sent is the hash of nothing: was the file read to its end before it was hashed?";
    }
    if (boost::iequals(sent, storage::to_hex(content.digests().linear))) {
        return "the value sent is the linear SHA-256 of the body; this header takes its tree hash";
    }
    return "the value sent is not the tree hash of the bytes that arrived";
}

}  // namespace

void check_upload_archive(Request const& request, storage::Snapshot const& snapshot) {
    auto const length = request.head.content_length;
    if (length == 0) throw errors::invalid_content_length("0", "an archive holds at least one byte");
    if (length > archive_size_bytes_max) {
        throw errors::invalid_content_length(
            std::to_string(*length), "one request carries at most 4 GiB; larger archives go up in parts");
    }
    require_field(request, content_hash_field, "send the linear SHA-256 of the body, in hexadecimal");
    auto const tree_hash =
        require_field(request, tree_hash_field, "send the tree hash of the body, in hexadecimal");
    if (!is_decodable_hex(tree_hash)) throw errors::tree_hash_undecodable(tree_hash);
    check_description(description(request), description_field);
    require_vault(request, snapshot);
}

void check_content(Request const& request) {
    auto const& content = *request.content;
    if (content.size_bytes() == 0)
        throw errors::invalid_content_length("0", "an archive holds at least one byte");
    auto const sent_linear = request.head.fields.find(content_hash_field).value_or("");
    auto const linear = storage::to_hex(content.digests().linear);
    if (!boost::iequals(sent_linear, linear)) throw errors::content_hash_mismatch(linear, sent_linear);
    auto const sent_tree = request.head.fields.find(tree_hash_field).value_or("");
    auto const tree = storage::to_hex(content.digests().tree);
    if (!boost::iequals(sent_tree, tree)) {
        throw errors::tree_hash_mismatch(sent_tree, tree, explain_tree_hash(sent_tree, content));
    }
}

http::Response upload_archive(Request const& request, storage::Transaction& transaction) {
    // Again: the vault may have gone while the body came.
    auto const vault = require_vault(request, transaction);
    auto const& random = request.rules.random;
    storage::Archive archive;
    archive.archive_pk = transaction.next_number();
    archive.vault_pk = vault.vault_pk;
    archive.archive_id = random.id("archive", archive.archive_pk, archive_id_length);
    archive.description = description(request);
    archive.size_bytes = request.content->size_bytes();
    archive.tree_hash = request.content->digests().tree;
    archive.created_at = request.now;
    archive.created_number = archive.archive_pk;
    transaction.add_archive(archive, request.content,
                            next_inventory_run(random, vault.vault_pk, request.now));

    http::Response response;
    response.status = 201;
    response.fields.add("x-amz-archive-id", archive.archive_id);
    response.fields.add("x-amz-sha256-tree-hash", storage::to_hex(archive.tree_hash));
    response.fields.add("Location", request.vault_path() + "/archives/" + archive.archive_id);
    return response;
}

http::Response delete_archive(Request const& request, storage::Transaction& transaction) {
    auto const vault = require_vault(request, transaction);
    auto const archive = transaction.find_archive(request.owner, request.resource_id);
    if (!archive) throw errors::archive_not_found(request.resource_id);
    if (archive->vault_pk != vault.vault_pk) throw errors::archive_of_another_vault(request.vault_arn());
    // Deleting again succeeds and changes nothing.
    if (!archive->deleted) {
        auto const due = next_inventory_run(request.rules.random, vault.vault_pk, request.now);
        transaction.delete_archive(*archive, request.now, due);
    }
    http::Response response;
    response.status = 204;
    return response;
}

}  // namespace firn::glacier
