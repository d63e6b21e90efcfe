// Reads stored bytes in order. They are in files, in rows, or computed (synthetic content).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/blobs/blob_directory.hpp"
#include "storage/blobs/blob_rows.hpp"
#include "storage/blobs/file.hpp"

namespace firn::storage {

// A run of bytes of an open file. The descriptor stays valid until the next piece is asked for.
struct FilePiece {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

// Used by one thread at a time. Each file is opened when the reader reaches it. No file is removed while the
// reader exists, even if its row is deleted.
class BlobReader {
public:
    using Piece = std::variant<std::string, FilePiece>;

    // Throws std::system_error when the first file is missing.
    BlobReader(BlobDirectory& blobs, std::int64_t owner_pk, std::vector<BlobSlice> slices);

    std::uint64_t size_bytes() const { return size_bytes_; }
    // The next piece, in order; nothing at the end. Throws std::system_error when a file is missing.
    std::optional<Piece> next();

private:
    std::string next_synthetic(BlobSlice& slice);

    BlobDirectory& blobs_;
    BlobDirectory::Pin pin_;
    std::vector<BlobSlice> slices_;
    std::size_t position_ = 0;
    std::uint64_t size_bytes_ = 0;
    File file_;
};

}  // namespace firn::storage
