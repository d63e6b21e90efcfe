// Glacier's SHA-256 tree hash: the leaves are the digests of each MiB, neighbours are joined level by level,
// and an odd node moves up unchanged. Source: developer guide, "Computing Checksums".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/hash/sha256.hpp"

namespace firn::storage {

inline constexpr std::uint64_t leaf_size_bytes = 1 << 20;

// A range of bytes that includes both ends.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    std::uint64_t size_bytes() const { return last - first + 1; }
    bool operator==(ByteRange const&) const = default;
};

// The root of these leaves; without leaves, the digest of an empty message.
Digest tree_root(std::span<Digest const> leaves);

// The same for leaves that arrive one after the other, with memory for one digest per level.
class TreeHash {
public:
    void add(Digest const& leaf) { add(leaf, 1); }
    // Adds the root of a full subtree of `leaf_count` leaves, a power of two that divides the number of
    // leaves so far.
    void add(Digest subtree, std::uint64_t leaf_count);
    std::uint64_t leaf_count() const { return leaf_count_; }
    // The root of the leaves so far.
    Digest root() const;

private:
    std::uint64_t leaf_count_ = 0;
    // The roots of full subtrees, largest first: one for each bit that is set in leaf_count_.
    std::vector<Digest> subtrees_;
};

// Whether the range begins at a multiple of a MiB, and ends at one or with the archive of `size_bytes`.
bool is_mebibyte_aligned(ByteRange range, std::uint64_t size_bytes);

// Whether the range's leaves are exactly those below one node of the tree of an archive of `size_bytes`. Only
// then does the range have a tree hash that a client can combine with others. Source: developer guide,
// "Receiving Checksums When Downloading Data".
bool is_tree_hash_aligned(ByteRange range, std::uint64_t size_bytes);

}  // namespace firn::storage
