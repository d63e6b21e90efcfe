#include "storage/hash/tree_hash.hpp"

#include <algorithm>
#include <vector>

namespace firn::storage {
namespace {

Digest join(Digest const& left, Digest const& right) {
    Digest const pair[] = {left, right};
    return sha256(std::as_bytes(std::span(pair)));
}

}  // namespace

Digest tree_root(std::span<Digest const> leaves) {
    if (leaves.empty()) return sha256({});
    std::vector<Digest> level(leaves.begin(), leaves.end());
    while (level.size() > 1) {
        std::size_t joined = 0;
        for (std::size_t i = 0; i < level.size(); i += 2) {
            // Two neighbours are hashed as they lie in memory, without a copy.
            std::span const pair(level.data() + i, std::min<std::size_t>(2, level.size() - i));
            level[joined++] = pair.size() == 2 ? sha256(std::as_bytes(pair)) : pair[0];
        }
        level.resize(joined);
    }
    return level[0];
}

void TreeHash::add(Digest subtree, std::uint64_t leaf_count) {
    // As in binary counting: adding one carries over every bit that is set.
    for (auto count = leaf_count_ / leaf_count; (count & 1) != 0; count >>= 1) {
        subtree = join(subtrees_.back(), subtree);
        subtrees_.pop_back();
    }
    subtrees_.push_back(subtree);
    leaf_count_ += leaf_count;
}

Digest TreeHash::root() const {
    if (subtrees_.empty()) return sha256({});
    // The odd node of a level moves up until it has a neighbour, so the smallest subtrees join first.
    auto root = subtrees_.back();
    for (auto i = subtrees_.size() - 1; i > 0; --i) root = join(subtrees_[i - 1], root);
    return root;
}

bool is_mebibyte_aligned(ByteRange range, std::uint64_t size_bytes) {
    return range.first % leaf_size_bytes == 0 &&
           ((range.last + 1) % leaf_size_bytes == 0 || range.last + 1 == size_bytes);
}

bool is_tree_hash_aligned(ByteRange range, std::uint64_t size_bytes) {
    if (!is_mebibyte_aligned(range, size_bytes)) return false;
    auto const leaves = (size_bytes + leaf_size_bytes - 1) / leaf_size_bytes;
    auto const begin = range.first / leaf_size_bytes;
    auto const end = range.last / leaf_size_bytes + 1;
    for (std::uint64_t width = 1;; width *= 2) {
        if (begin % width != 0) return false;
        if (end == std::min(begin + width, leaves)) return true;
        if (begin + width >= leaves) return false;
    }
}

}  // namespace firn::storage
