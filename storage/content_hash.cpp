#include "storage/content_hash.hpp"

#include <algorithm>

namespace firn::storage {

void ContentHash::update(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        auto const piece = bytes.first(std::min<std::size_t>(bytes.size(), leaf_size_bytes - leaf_bytes_));
        linear_.update(piece);
        if (!leaves_.empty()) leaf_.update(piece);
        leaf_bytes_ += piece.size();
        if (leaf_bytes_ == leaf_size_bytes) end_leaf();
        bytes = bytes.subspan(piece.size());
    }
}

void ContentHash::end_leaf() {
    leaves_.push_back(leaves_.empty() ? Sha256(linear_).finish() : leaf_.finish());
    leaf_bytes_ = 0;
}

ContentDigests ContentHash::finish() {
    if (leaf_bytes_ > 0) end_leaf();
    ContentDigests digests;
    digests.linear = linear_.finish();
    digests.tree = tree_root(leaves_);
    digests.leaves = std::move(leaves_);
    leaves_.clear();
    return digests;
}

}  // namespace firn::storage
