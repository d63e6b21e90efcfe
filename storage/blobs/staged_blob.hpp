// Bytes that are being stored: hashed while they are written, invisible until a row names them. A blob that
// is destroyed before that leaves nothing behind.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "storage/blobs/blob_directory.hpp"
#include "storage/hash/content_hash.hpp"

namespace firn::storage {

// Up to this size the row itself holds the bytes, which saves a file and a sync.
inline constexpr std::uint64_t inline_size_bytes_max = 64 << 10;

// Used by one thread at a time. Every function but the getters may throw std::system_error (disk full, I/O
// error).
class StagedBlob {
public:
    // `expected_size_bytes` 0: not known.
    StagedBlob(BlobDirectory& directory, std::uint64_t expected_size_bytes);
    StagedBlob(StagedBlob const&) = delete;
    ~StagedBlob();

    void write(std::span<std::byte const> bytes);
    // Ends the content; the digests are known from here on.
    void finish();
    // After finish(). When it returns, the file is on disk under its final name. Bytes that go into the row
    // become durable with its commit.
    void make_durable();

    // All the bytes, in memory: for small blobs, before make_durable().
    std::vector<std::byte> read_back() const;

    std::uint64_t size_bytes() const { return size_bytes_; }
    ContentDigests const& digests() const { return digests_; }

    // Whether the row will hold the bytes. No function here waits for the disk then.
    bool is_inline() const { return file_name_.empty(); }
    // For the transaction that writes the row. Exactly one of the two holds the bytes.
    std::string const& file_name() const { return file_name_; }
    std::span<std::byte const> inline_bytes() const { return inline_bytes_; }
    // Whether the destructor leaves the file in place.
    void set_kept(bool kept) { kept_ = kept; }

private:
    void move_to_file(std::uint64_t expected_size_bytes);

    BlobDirectory& directory_;
    std::vector<std::byte> inline_bytes_;
    std::string file_name_;
    File file_;
    ContentHash hash_;
    ContentDigests digests_;
    std::uint64_t size_bytes_ = 0;
    bool published_ = false;
    bool kept_ = false;
};

}  // namespace firn::storage
