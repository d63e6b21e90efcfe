// Both digests of an upload, computed while its bytes arrive: the linear SHA-256 and the tree hash with its
// leaves.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "storage/hash/sha256.hpp"
#include "storage/hash/sha256_pair.hpp"
#include "storage/hash/tree_hash.hpp"

namespace firn::storage {

struct ContentDigests {
    Digest linear{};
    Digest tree{};
    std::vector<Digest> leaves;  // one for each MiB; the last may be shorter
};

class ContentHash {
public:
    // Without `with_pair`, OpenSSL computes them, which takes twice as long.
    explicit ContentHash(bool with_pair = has_sha256_pair());

    void update(std::span<std::byte const> bytes);
    // The digests of everything since the last finish(); begins new content.
    ContentDigests finish();

private:
    // What Sha256Pair does, with two hashes of OpenSSL.
    class TwoHashes {
    public:
        void update(std::span<std::byte const> bytes);
        Digest finish_leaf();
        Digest finish() { return linear_.finish(); }

    private:
        Sha256 linear_;
        Sha256 leaf_;
        bool in_first_leaf_ = true;
    };

    void end_leaf();

    bool const with_pair_;
    std::variant<Sha256Pair, TwoHashes> hashes_;
    std::uint64_t leaf_bytes_ = 0;  // in the current leaf
    std::vector<Digest> leaves_;
};

}  // namespace firn::storage
