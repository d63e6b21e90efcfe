#include "storage/hash/content_hash.hpp"

#include <algorithm>
#include <utility>

namespace firn::storage {

ContentHash::ContentHash(bool with_pair) : with_pair_(with_pair) {
    if (!with_pair_) hashes_.emplace<TwoHashes>();
}

void ContentHash::update(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        auto const piece = bytes.first(std::min<std::size_t>(bytes.size(), leaf_size_bytes - leaf_bytes_));
        std::visit([piece](auto& hashes) { hashes.update(piece); }, hashes_);
        leaf_bytes_ += piece.size();
        if (leaf_bytes_ == leaf_size_bytes) end_leaf();
        bytes = bytes.subspan(piece.size());
    }
}

void ContentHash::end_leaf() {
    leaves_.push_back(std::visit([](auto& hashes) { return hashes.finish_leaf(); }, hashes_));
    leaf_bytes_ = 0;
}

ContentDigests ContentHash::finish() {
    if (leaf_bytes_ > 0) end_leaf();
    ContentDigests digests;
    digests.linear = std::visit([](auto& hashes) { return hashes.finish(); }, hashes_);
    digests.tree = tree_root(leaves_);
    digests.leaves = std::exchange(leaves_, {});
    with_pair_ ? void(hashes_.emplace<Sha256Pair>()) : void(hashes_.emplace<TwoHashes>());
    return digests;
}

void ContentHash::TwoHashes::update(std::span<std::byte const> bytes) {
    linear_.update(bytes);
    // The linear hash computes the first leaf too.
    if (!in_first_leaf_) leaf_.update(bytes);
}

Digest ContentHash::TwoHashes::finish_leaf() {
    if (!std::exchange(in_first_leaf_, false)) return leaf_.finish();
    return Sha256(linear_).finish();
}

}  // namespace firn::storage
