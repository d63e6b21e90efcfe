// Archives whose bytes are not stored but computed: terabytes of them fit a laptop.
//
// The bytes follow from a tag and the size, and must never change between versions of this program: tree
// hashes of them are in databases and in the hands of clients.
//
//   P           one fixed pseudo-random MiB, the same for all
//   leaf i      of length L (1 MiB; the last may be shorter): P[0, L - t), then a tail of t = min(64, L)
//   bytes
//               that is computed from the tag and i, modulo the leaves of 64 GiB
//
// So every leaf differs from those around it, and its SHA-256 costs its last few bytes alone: the states of a
// hash on its way through P are kept. And every 64 GiB have the same tree hash, so that terabytes cost no
// more.
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
    // Fills `out` with the bytes from `offset` on. They must lie within the content, else std::out_of_range.
    void read(std::uint64_t offset, std::span<std::byte> out) const;
    // The digest of one MiB; `index` is below leaf_count().
    Digest leaf(std::uint64_t index) const;
    // Of any size it takes a tenth of a second at most.
    Digest tree_hash() const;
    // Adds the leaves of [first, end) to a hash that has none of this content beyond them.
    void add_leaves(TreeHash& hash, std::uint64_t first, std::uint64_t end) const;

private:
    Digest period_root() const;
    std::size_t leaf_length(std::uint64_t index) const;

    std::int64_t tag_;
    std::uint64_t size_bytes_;
};

}  // namespace firn::storage
