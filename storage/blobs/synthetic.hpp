// Content that is computed instead of stored: terabytes of it fit on a laptop.
//
// The bytes depend on a tag and the size alone, and must never change between versions of this program:
// databases and clients hold their tree hashes.
//
//   P           one fixed pseudo-random MiB, the same for all
//   leaf i      of length L (1 MiB; the last may be shorter): P[0, L - t), then a tail of t = min(64, L)
//               bytes that is computed from the tag and from i modulo the number of leaves of 64 GiB
//
// So every leaf differs from its neighbours, yet only its last few bytes must be hashed: the states of a hash
// of the beginning of P are kept. And every 64 GiB have the same tree hash, so that terabytes cost no more.
#pragma once

#include <cstdint>
#include <span>

#include "storage/hash/sha256.hpp"
#include "storage/hash/tree_hash.hpp"

namespace firn::storage {

// All functions may be called from any thread.
class SyntheticContent {
public:
    SyntheticContent(std::int64_t tag, std::uint64_t size_bytes) : tag_(tag), size_bytes_(size_bytes) {}

    std::uint64_t size_bytes() const { return size_bytes_; }
    std::uint64_t leaf_count() const { return (size_bytes_ + leaf_size_bytes - 1) / leaf_size_bytes; }
    // Fills `out` with the bytes from `offset` on. Throws std::out_of_range beyond the end of the content.
    void read(std::uint64_t offset, std::span<std::byte> out) const;
    // The digest of one MiB; `index` is below leaf_count().
    Digest leaf(std::uint64_t index) const;
    // Takes a tenth of a second at most, whatever the size.
    Digest tree_hash() const;
    // Appends the leaves [first, end) to a hash.
    void add_leaves(TreeHash& hash, std::uint64_t first, std::uint64_t end) const;

private:
    Digest period_root() const;
    std::size_t leaf_length(std::uint64_t index) const;

    std::int64_t tag_;
    std::uint64_t size_bytes_;
};

}  // namespace firn::storage
