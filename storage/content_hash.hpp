// Both digests of an upload, computed while its bytes pass by: the linear SHA-256 and the leaves of the tree
// hash.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/sha256.hpp"
#include "storage/tree_hash.hpp"

namespace firn::storage {

struct ContentDigests {
    Digest linear{};
    Digest tree{};
    std::vector<Digest> leaves;  // one for each MiB begun
};

class ContentHash {
public:
    void update(std::span<std::byte const> bytes);
    ContentDigests finish();

private:
    void end_leaf();

    // The first leaf and the linear hash walk the same bytes: `linear_` alone serves both up to the first
    // MiB.
    Sha256 linear_;
    Sha256 leaf_;
    std::uint64_t leaf_bytes_ = 0;  // in the leaf that is open
    std::vector<Digest> leaves_;
};

}  // namespace firn::storage
