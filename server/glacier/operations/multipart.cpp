#include "server/glacier/operations/multipart.hpp"

#include <fmt/format.h>

#include <bit>

#include "server/glacier/byte_range.hpp"
#include "server/glacier/limits.hpp"
#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/paging.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_text.hpp"
#include "server/text/number.hpp"

namespace firn::glacier {
namespace {

constexpr std::string_view part_size_field = "x-amz-part-size";
constexpr std::string_view archive_size_field = "x-amz-archive-size";
constexpr std::string_view parts_listing = "parts";

std::uint64_t require_part_size(Request const& request) {
    auto const sent = request.head.fields.find(part_size_field).value_or("null");
    auto const size = text::parse_number(sent);
    if (size && *size >= part_size_bytes_min && *size <= part_size_bytes_max && std::has_single_bit(*size)) {
        return *size;
    }
    throw errors::invalid_part_size(sent);
}

storage::Upload require_open_upload(Request const& request, storage::View const& view) {
    auto const vault = require_vault(request, view);
    auto upload = view.find_upload(vault.vault_pk, request.resource_id);
    if (!upload || upload->state != storage::UploadState::open)
        throw errors::upload_not_found(request.resource_id);
    return *std::move(upload);
}

storage::ByteRange require_content_range(Request const& request) {
    auto const text = require_field(request, "Content-Range",
                                    "send the range of the part in the archive: bytes FIRST-LAST/*");
    auto const range = parse_content_range(text);
    if (range) return *range;
    throw errors::invalid_parameter(
        fmt::format("Invalid Content-Range: {}", text),
        "the range of a part reads bytes FIRST-LAST/*, where FIRST is not greater than LAST");
}

void check_length(Request const& request, storage::ByteRange range, std::uint64_t length) {
    if (range.size_bytes() == length) return;
    throw errors::invalid_parameter(
        fmt::format("Content-Range: {} is incompatible with Content-Length: {}",
                    request.head.fields.find("Content-Range").value_or(""), length),
        fmt::format("the range has {} bytes, the body {}", range.size_bytes(), length));
}

void check_position(Request const& request, storage::ByteRange range, storage::Upload const& upload) {
    if (range.first % upload.part_size_bytes != 0 || range.size_bytes() > upload.part_size_bytes) {
        throw errors::invalid_parameter(
            fmt::format("Content-Range: {} is not aligned with the part size: {}",
                        request.head.fields.find("Content-Range").value_or(""), upload.part_size_bytes),
            "a part begins at a multiple of the part size and is not longer than the part size");
    }
    auto const number = range.first / upload.part_size_bytes + 1;
    if (number > parts_max) {
        throw errors::invalid_parameter(
            fmt::format("This is part number {} for the current multipart upload. It exceeds "
                        "the limit of 10000 parts.",
                        number),
            "the number of a part follows from its position, not from how many parts there are; use larger "
            "parts");
    }
}

// Throws ServiceError unless the parts cover the archive without a gap. A part that is too short leaves a
// gap, unless it is the last.
void require_no_gaps(std::vector<storage::Part> const& parts, std::uint64_t archive_size_bytes) {
    std::string gaps;
    auto const add_gap = [&gaps](std::uint64_t first, std::uint64_t end) {
        gaps += fmt::format("{}{}-{}", gaps.empty() ? "" : ",", first, end - 1);
    };
    std::uint64_t end = 0;
    for (auto const& part : parts) {
        if (part.range.first > end) add_gap(end, part.range.first);
        end = part.range.last + 1;
    }
    if (end < archive_size_bytes) add_gap(end, archive_size_bytes);
    if (gaps.empty()) return;
    throw errors::invalid_parameter(
        fmt::format("Missing content ranges in the multipart upload: {}", gaps),
        "upload these bytes, then complete again; every part but the last must have the full part size");
}

ServiceError invalid_archive_size(Request const& request, std::string_view hint) {
    return errors::invalid_parameter(fmt::format("Invalid {}: {}", archive_size_field,
                                                 request.head.fields.find(archive_size_field).value_or("")),
                                     hint);
}

std::uint64_t require_archive_size(Request const& request) {
    auto const sent =
        require_field(request, archive_size_field, "send the size of the whole archive in bytes");
    auto const size = text::parse_number(sent);
    if (size && *size > 0) return *size;
    throw invalid_archive_size(request, "the size of the whole archive is a positive number of bytes");
}

// Throws ServiceError unless the request repeats the one that completed the upload. Unverified: that the
// service compares, and its texts.
void require_same_archive(Request const& request, storage::Archive const& archive, std::uint64_t size_bytes) {
    if (size_bytes != archive.size_bytes) {
        throw invalid_archive_size(
            request, fmt::format("the upload was completed as an archive of {} bytes", archive.size_bytes));
    }
    auto const sent = require_tree_hash(request);
    if (!is_same_hash(sent, archive.tree_hash))
        throw errors::invalid_tree_hash(sent, "the upload was completed with another tree hash");
}

std::string explain_tree_hash(std::string_view sent, std::vector<storage::Digest> const& hashes) {
    if (auto hint = explain_hash_of_nothing(sent)) return *std::move(hint);
    if (is_same_hash(sent, storage::sha256(std::as_bytes(std::span(hashes))))) {
        return "the value sent is one hash over all the parts' hashes; combine them in pairs, level by level";
    }
    for (std::size_t i = 0; hashes.size() > 1 && i < hashes.size(); ++i) {
        if (is_same_hash(sent, hashes[i]))
            return fmt::format("the value sent is the tree hash of part {} alone", i + 1);
    }
    return "the value sent is not the tree hash that the parts combine to";
}

// The tree hash of the archive, combined from those of its parts; that works because the number of leaves of
// each part but the last is a power of two. Throws ServiceError when the client sent another hash.
storage::Digest require_combined_hash(Request const& request, std::vector<storage::Part> const& parts) {
    std::vector<storage::Digest> hashes;
    hashes.reserve(parts.size());
    for (auto const& part : parts) hashes.push_back(part.tree_hash);
    auto const combined = storage::tree_root(hashes);
    auto const sent = require_tree_hash(request);
    if (!is_same_hash(sent, combined)) throw errors::invalid_tree_hash(sent, explain_tree_hash(sent, hashes));
    return combined;
}

}  // namespace

http::Response initiate_multipart_upload(Request const& request, storage::Transaction& transaction) {
    storage::Upload upload;
    upload.part_size_bytes = require_part_size(request);
    if (auto description = request.head.fields.find(description_field)) {
        check_description(*description, description_field);
        description->remove_prefix(std::min(description->find_first_not_of(' '), description->size()));
        upload.description = *description;
    }
    upload.vault_pk = require_vault(request, transaction).vault_pk;
    upload.upload_pk = transaction.next_number();
    upload.upload_id = request.rules.random.id("upload", upload.upload_pk, upload_id_length);
    upload.created_at = request.now;
    upload.due_at = request.now + request.rules.timing.upload_lifetime;
    transaction.add_upload(upload);

    auto response = success_response(request);
    response.fields.add("x-amz-multipart-upload-id", upload.upload_id);
    response.fields.add("Location", request.vault_path() + "/multipart-uploads/" + upload.upload_id);
    return response;
}

void check_upload_multipart_part(Request const& request, storage::View const& view) {
    auto const range = require_content_range(request);
    if (request.head.content_length) check_length(request, range, *request.head.content_length);
    check_hash_fields(request);
    check_position(request, range, require_open_upload(request, view));
}

http::Response upload_multipart_part(Request const& request, storage::Transaction& transaction) {
    auto const range = require_content_range(request);
    // The length of a chunked body is known only now, and the upload may have ended while the body arrived.
    check_length(request, range, request.content->size_bytes());
    auto const upload = require_open_upload(request, transaction);
    transaction.put_part(upload, range.first, request.content,
                         request.now + request.rules.timing.upload_lifetime);

    auto response = success_response(request);
    response.fields.add(std::string(tree_hash_field), storage::to_hex(request.content->digests().tree));
    return response;
}

http::Response complete_multipart_upload(Request const& request, storage::Transaction& transaction) {
    auto const size = require_archive_size(request);
    require_tree_hash(request);
    auto const vault = require_vault(request, transaction);
    auto const upload = transaction.find_upload(vault.vault_pk, request.resource_id);
    // Completing an upload again returns the same archive.
    if (upload && upload->state == storage::UploadState::completed) {
        auto const archive = transaction.archive(upload->upload_pk).value();
        require_same_archive(request, archive, size);
        return archive_response(request, archive.archive_id, archive.tree_hash);
    }
    if (!upload || upload->state != storage::UploadState::open)
        throw errors::upload_not_found(request.resource_id);

    auto const parts = transaction.list_parts(upload->upload_pk, 0, parts_max);
    require_no_gaps(parts, size);
    if (auto const end = parts.back().range.last + 1; end != size)
        throw invalid_archive_size(request, fmt::format("the parts have {} bytes together", end));
    auto const& random = request.rules.random;
    storage::Archive archive;
    archive.tree_hash = require_combined_hash(request, parts);
    archive.archive_pk = upload->upload_pk;
    archive.vault_pk = vault.vault_pk;
    archive.archive_id = random.id("archive", archive.archive_pk, archive_id_length);
    archive.description = upload->description.value_or("");
    archive.size_bytes = size;
    archive.created_at = request.now;
    archive.created_number = transaction.next_number();
    transaction.complete_upload(
        *upload, archive, next_inventory_due(request.rules.timing, request.rules.random, vault, request.now),
        request.now + request.rules.timing.upload_lifetime);
    return archive_response(request, archive.archive_id, archive.tree_hash);
}

http::Response abort_multipart_upload(Request const& request, storage::Transaction& transaction) {
    auto const vault = require_vault(request, transaction);
    auto const upload = transaction.find_upload(vault.vault_pk, request.resource_id);
    if (!upload || upload->state == storage::UploadState::completed)
        throw errors::upload_not_found(request.resource_id);
    if (upload->state == storage::UploadState::open) {
        transaction.abort_upload(*upload, request.now + request.rules.timing.upload_lifetime);
    }
    return success_response(request);
}

std::string list_parts(Request const& request, storage::View const& view) {
    auto const limit = page_limit(request.target, parts_per_page_max);
    auto const upload = require_open_upload(request, view);
    auto const& random = request.rules.random;
    auto const from = page_start(request, parts_listing, upload.upload_pk);
    auto parts = view.list_parts(upload.upload_pk, static_cast<std::uint64_t>(from.value_or(0)), limit + 1);
    std::optional<std::string> marker;
    if (auto const next = cut_page(parts, limit)) {
        auto const place = static_cast<std::int64_t>(next->range.first);
        marker = random.marker(parts_listing, upload.upload_pk, place);
    }
    text::JsonText json;
    json.begin_object();
    json.member("ArchiveDescription", upload.description).member("CreationDate", upload.created_at);
    json.member("Marker", marker).member("MultipartUploadId", upload.upload_id);
    json.member("PartSizeInBytes", upload.part_size_bytes).key("Parts").begin_array();
    for (auto const& part : parts) {
        json.begin_object();
        json.member("RangeInBytes", fmt::format("{}-{}", part.range.first, part.range.last));
        json.member("SHA256TreeHash", storage::to_hex(part.tree_hash));
        json.end_object();
    }
    json.end_array().member("VaultARN", request.vault_arn()).end_object();
    return json.take();
}

std::string list_multipart_uploads(Request const& request, storage::View const& view) {
    auto const limit = page_limit(request.target, uploads_per_page_max);
    auto const vault = require_vault(request, view);
    // The marker is the id of the upload with which the page begins. An upload that has ended since still has
    // its place.
    std::int64_t from = 0;
    if (auto const marker = request.target.parameter("marker")) {
        auto const upload = view.find_upload(vault.vault_pk, *marker);
        if (!upload) throw errors::invalid_marker(*marker);
        from = upload->upload_pk;
    }
    auto uploads = view.list_uploads(vault.vault_pk, from, limit + 1);
    std::optional<std::string> marker;
    if (auto const next = cut_page(uploads, limit)) marker = next->upload_id;
    text::JsonText json;
    json.begin_object().member("Marker", marker).key("UploadsList").begin_array();
    for (auto const& upload : uploads) {
        json.begin_object();
        json.member("ArchiveDescription", upload.description).member("CreationDate", upload.created_at);
        json.member("MultipartUploadId", upload.upload_id).member("PartSizeInBytes", upload.part_size_bytes);
        json.member("VaultARN", request.vault_arn());
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

}  // namespace firn::glacier
