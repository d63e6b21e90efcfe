// The two digests of an upload for the price of one. The linear SHA-256 and the leaf of the tree hash walk
// over the same blocks, so their message schedule is computed once for both; the processor's own instructions
// (SHA-NI) take a block in two independent chains, which keep it busier than one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "storage/hash/sha256.hpp"

namespace firn::storage {

// Whether this processor has the instructions, and what they compute agrees with OpenSSL. Asked once a
// process.
bool has_sha256_pair();

// Only where has_sha256_pair(). The leaf begins at a block of the whole.
class Sha256Pair {
public:
    void update(std::span<std::byte const> bytes);
    // The digest of what came since the last leaf; begins the next one.
    Digest finish_leaf();
    // The digest of everything.
    Digest finish() const;

private:
    struct State {
        std::array<std::uint32_t, 8> words = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
        std::uint64_t size_bytes = 0;  // of what it has seen, the rest included
    };

    static void compress(State& first, State& second, std::byte const* blocks, std::size_t count);
    Digest finish(State state) const;

    State whole_;
    State leaf_;
    std::array<std::byte, 64> rest_;  // of a block that is not complete yet
    std::size_t rest_size_ = 0;
};

}  // namespace firn::storage
