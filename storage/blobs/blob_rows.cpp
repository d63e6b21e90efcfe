#include "storage/blobs/blob_rows.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>

#include "storage/blobs/synthetic.hpp"

namespace firn::storage {
namespace {

// The blobs of owner ?1 that hold bytes of ?2…?3. The subquery finds the last one that starts at or before
// the range, so that the end of a long archive is found as fast as its beginning.
constexpr char blobs_of_range[] = R"(
    FROM blobs
    WHERE owner_pk = ?1 AND first_byte <= ?3 AND first_byte >= (
        SELECT max(first_byte) FROM blobs WHERE owner_pk = ?1 AND first_byte <= ?2)
    ORDER BY first_byte)";

std::string to_string(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

BlobSlice read_slice(Query& query, ByteRange range) {
    std::uint64_t first = 0;
    std::optional<std::string> file;
    std::span<std::byte const> data;
    BlobSlice slice;
    query.read(first, slice.blob_size_bytes, file, data, slice.synthetic_tag);
    auto const end = first + slice.blob_size_bytes;
    slice.offset = std::max(range.first, first) - first;
    slice.size_bytes = std::min(range.last + 1, end) - first - slice.offset;
    slice.file = std::move(file).value_or("");
    bool const is_inline = slice.file.empty() && !slice.synthetic_tag;
    // A snapshot that was made by hand may hold anything.
    if (slice.offset >= slice.blob_size_bytes || slice.size_bytes > slice.blob_size_bytes - slice.offset ||
        (is_inline && data.size() != slice.blob_size_bytes)) {
        throw std::runtime_error("the database contradicts itself about the size of a blob");
    }
    if (is_inline) slice.data = to_string(data.subspan(slice.offset, slice.size_bytes));
    return slice;
}

}  // namespace

std::vector<BlobSlice> blob_slices(Connection& connection, std::int64_t owner_pk, ByteRange range) {
    static constexpr auto sql =
        join_sql("SELECT first_byte, size_bytes, file, data, synthetic", blobs_of_range);
    auto query = connection.query(sql.data());
    query.bind(owner_pk, range.first, range.last);
    return query.all([range](Query& row) { return read_slice(row, range); });
}

Digest range_tree_hash(Connection& connection, std::int64_t owner_pk, ByteRange range) {
    static constexpr auto sql =
        join_sql("SELECT first_byte, size_bytes, synthetic, coalesce(leaves, tree_hash)", blobs_of_range);
    auto query = connection.query(sql.data());
    query.bind(owner_pk, range.first, range.last);
    auto const first_leaf = range.first / leaf_size_bytes;
    auto const last_leaf = range.last / leaf_size_bytes;
    TreeHash hash;
    while (query.step()) {
        std::uint64_t first_byte = 0;
        std::uint64_t size_bytes = 0;
        std::optional<std::int64_t> synthetic_tag;
        std::span<std::byte const> leaves;
        query.read(first_byte, size_bytes, synthetic_tag, leaves);
        auto const blob_leaf = first_byte / leaf_size_bytes;
        if (synthetic_tag) {
            SyntheticContent const content(*synthetic_tag, size_bytes);
            content.add_leaves(hash, std::max(first_leaf, blob_leaf) - blob_leaf,
                               std::min(last_leaf + 1 - blob_leaf, content.leaf_count()));
            continue;
        }
        for (std::size_t i = 0; (i + 1) * sizeof(Digest) <= leaves.size(); ++i) {
            if (blob_leaf + i < first_leaf || blob_leaf + i > last_leaf) continue;
            Digest leaf;
            std::memcpy(leaf.data(), leaves.data() + i * sizeof leaf, sizeof leaf);
            hash.add(leaf);
        }
    }
    return hash.root();
}

bool names_blob_file(Connection& connection, std::string const& file) {
    return connection.query("SELECT 1 FROM blobs WHERE file = ?1").bind(file).step();
}

BlobTotals blob_totals(Connection& connection) {
    auto query = connection.query(R"(
        SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs WHERE file IS NOT NULL)");
    query.step();
    BlobTotals totals;
    query.read(totals.file_count, totals.file_bytes);
    return totals;
}

}  // namespace firn::storage
