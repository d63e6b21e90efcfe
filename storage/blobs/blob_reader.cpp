#include "storage/blobs/blob_reader.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "storage/blobs/synthetic.hpp"

namespace firn::storage {
namespace {

constexpr std::uint64_t synthetic_piece_bytes = 256 << 10;

}  // namespace

BlobReader::BlobReader(BlobDirectory& blobs, std::int64_t owner_pk, std::vector<BlobSlice> slices)
    : blobs_(blobs), pin_(blobs, owner_pk), slices_(std::move(slices)) {
    for (auto const& slice : slices_) size_bytes_ += slice.size_bytes;
    // A missing file must show before the caller has promised the bytes to anybody.
    if (!slices_.empty() && !slices_[0].file.empty()) file_ = blobs_.open(slices_[0].file);
}

std::optional<BlobReader::Piece> BlobReader::next() {
    if (position_ == slices_.size()) return std::nullopt;
    auto& slice = slices_[position_];
    if (slice.synthetic_tag) return next_synthetic(slice);
    ++position_;
    if (slice.file.empty()) return std::move(slice.data);
    if (position_ > 1) file_ = blobs_.open(slice.file);
    return FilePiece{file_.descriptor(), slice.offset, slice.size_bytes};
}

std::string BlobReader::next_synthetic(BlobSlice& slice) {
    std::string piece(std::min<std::uint64_t>(slice.size_bytes, synthetic_piece_bytes), '\0');
    SyntheticContent const content(*slice.synthetic_tag, slice.blob_size_bytes);
    content.read(slice.offset, std::as_writable_bytes(std::span(piece)));
    slice.offset += piece.size();
    slice.size_bytes -= piece.size();
    if (slice.size_bytes == 0) ++position_;
    return piece;
}

}  // namespace firn::storage
