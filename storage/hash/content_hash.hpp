// Both digests of an upload, computed while its bytes pass by: the linear SHA-256 and the leaves of the tree
// hash.
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
    std::vector<Digest> leaves;  // one for each MiB begun
};

class ContentHash {
public:
    // `with_pair` false: by OpenSSL, which takes twice as long.
    explicit ContentHash(bool with_pair = has_sha256_pair());

    void update(std::span<std::byte const> bytes);
    // Begins anew.
    ContentDigests finish();

private:
    // The same by two hashes of OpenSSL.
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
    std::uint64_t leaf_bytes_ = 0;  // in the leaf that is open
    std::vector<Digest> leaves_;
};

}  // namespace firn::storage
