#include "server/glacier/inventory.hpp"

#include <fmt/format.h>

#include <iterator>

#include "server/text/json_text.hpp"
#include "server/text/timestamp.hpp"
#include "storage/hash/sha256.hpp"

namespace firn::glacier {
namespace {

constexpr std::size_t flush_size_bytes = 256 << 10;

std::string json_quoted(std::string_view text) {
    std::string quoted;
    text::append_json_string(quoted, text);
    return quoted;
}

// Always in quotes. A quote inside becomes \" but a backslash stays as it is, as in real inventories, though
// that is ambiguous.
std::string csv_quoted(std::string_view text) {
    std::string field = "\"";
    for (char const c : text) {
        if (c == '"') field += '\\';
        field += c;
    }
    return field + '"';
}

}  // namespace

InventoryWriter::InventoryWriter(std::string_view format, std::string_view vault_arn,
                                 storage::Time inventory_at, Sink sink)
    : csv_(format == "CSV"), sink_(std::move(sink)) {
    buffer_.reserve(flush_size_bytes + 4096);
    if (csv_) {
        // Unverified: that lines end with CRLF, the last line too.
        buffer_ = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n";
    } else {
        buffer_ = fmt::format(R"({{"VaultARN":{},"InventoryDate":"{}","ArchiveList":[)",
                              json_quoted(vault_arn), text::format_seconds(inventory_at));
    }
}

void InventoryWriter::add(storage::Archive const& archive) {
    if (csv_) {
        add_csv(archive);
    } else {
        add_json(archive);
    }
    if (buffer_.size() >= flush_size_bytes) flush();
}

void InventoryWriter::add_json(storage::Archive const& archive) {
    if (!first_) buffer_ += ',';
    first_ = false;
    fmt::format_to(
        std::back_inserter(buffer_),
        R"({{"ArchiveId":"{}","ArchiveDescription":{},"CreationDate":"{}","Size":{},"SHA256TreeHash":"{}"}})",
        archive.archive_id, json_quoted(archive.description), text::format_seconds(archive.created_at),
        archive.size_bytes, storage::to_hex(archive.tree_hash));
}

void InventoryWriter::add_csv(storage::Archive const& archive) {
    fmt::format_to(std::back_inserter(buffer_), "{},{},{},{},{}\r\n", archive.archive_id,
                   csv_quoted(archive.description), text::format_seconds(archive.created_at),
                   archive.size_bytes, storage::to_hex(archive.tree_hash));
}

void InventoryWriter::finish() {
    if (!csv_) buffer_ += "]}";
    flush();
}

void InventoryWriter::flush() {
    sink_(buffer_);
    buffer_.clear();
}

std::optional<std::int64_t> write_inventory(storage::View const& view, storage::Job const& job,
                                            std::optional<std::int64_t> as_of_number,
                                            InventoryWriter& writer) {
    auto const& filter = job.inventory->filter;
    std::optional<std::int64_t> next;
    std::int64_t entries = 0;
    view.visit_archives(job.vault_pk, filter, as_of_number, [&](storage::Archive const& archive) {
        if (filter.entry_limit && entries == *filter.entry_limit) {
            next = archive.created_number;
            return false;
        }
        writer.add(archive);
        ++entries;
        return true;
    });
    writer.finish();
    return next;
}

}  // namespace firn::glacier
