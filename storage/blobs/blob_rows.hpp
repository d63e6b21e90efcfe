// Queries on the table `blobs`, which says where bytes are stored. Transaction writes its rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/hash/tree_hash.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

// A run of bytes of one blob: in a file of the blob directory, or, when `file` is empty, in `data`, or, when
// there is a tag, computed by SyntheticContent(*synthetic_tag, blob_size_bytes).
struct BlobSlice {
    std::string file;
    std::string data;
    std::uint64_t offset = 0;  // in the blob
    std::uint64_t size_bytes = 0;
    std::optional<std::int64_t> synthetic_tag = std::nullopt;
    std::uint64_t blob_size_bytes = 0;
};

// How many blob files have a row, and the bytes in them.
struct BlobTotals {
    std::uint64_t file_count = 0;
    std::uint64_t file_bytes = 0;
};

// The slices that make up a range of an owner's bytes, in order. Throws std::runtime_error when a row
// contradicts itself.
std::vector<BlobSlice> blob_slices(Connection& connection, std::int64_t owner_pk, ByteRange range);

// The tree hash of a tree-hash aligned range, from stored hashes: no file is read.
Digest range_tree_hash(Connection& connection, std::int64_t owner_pk, ByteRange range);

// Whether a row names this file of the blob directory.
bool names_blob_file(Connection& connection, std::string const& file);

BlobTotals blob_totals(Connection& connection);

}  // namespace firn::storage
