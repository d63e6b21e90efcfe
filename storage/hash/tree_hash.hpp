// Glacier's SHA-256 tree hash: leaves are the digests of each MiB, neighbours are joined level by level, an
// odd node goes up unchanged. Source: developer guide, "Computing Checksums".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/hash/sha256.hpp"

namespace firn::storage {

inline constexpr std::uint64_t leaf_size_bytes = 1 << 20;

// Both ends belong to the range.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    std::uint64_t size_bytes() const { return last - first + 1; }
    bool operator==(ByteRange const&) const = default;
};

// The root above these leaves; of no leaves, the digest of nothing.
Digest tree_root(std::span<Digest const> leaves);

// The same of leaves that come one after the other, in memory for one digest a level.
class TreeHash {
public:
    void add(Digest const& leaf) { add(leaf, 1); }
    // The root of a full subtree of `leaf_count` leaves, a power of two that divides the number of leaves so
    // far.
    void add(Digest subtree, std::uint64_t leaf_count);
    std::uint64_t leaf_count() const { return leaf_count_; }
    // The root above the leaves so far.
    Digest root() const;

private:
    std::uint64_t leaf_count_ = 0;
    // The roots of full subtrees, largest first: one for each bit that is set in leaf_count_.
    std::vector<Digest> subtrees_;
};

// Begins at a MiB, and ends at a MiB or with the archive of `size_bytes`.
bool is_mebibyte_aligned(ByteRange range, std::uint64_t size_bytes);

// The range's leaves are exactly those below one node of the tree of an archive of `size_bytes`; only then
// does the range have a tree hash that a client can combine. Source: developer guide, "Receiving Checksums
// When Downloading Data".
bool is_tree_hash_aligned(ByteRange range, std::uint64_t size_bytes);

}  // namespace firn::storage
