// The two digests of an upload at the cost of one. The linear SHA-256 and the leaf of the tree hash process
// the same blocks, so their message schedule is computed once for both. The processor's instructions for
// SHA-256 (SHA-NI) run both hashes side by side, which uses the processor better than one after the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "storage/hash/sha256.hpp"

namespace firn::storage {

// Whether this processor has the instructions and their results agree with OpenSSL. Tested once per process.
bool has_sha256_pair();

// Only where has_sha256_pair(). Each leaf must begin at a multiple of 64 bytes.
class Sha256Pair {
public:
    void update(std::span<std::byte const> bytes);
    // The digest of the bytes since the last leaf; begins the next one.
    Digest finish_leaf();
    // The digest of everything.
    Digest finish() const;

private:
    struct State {
        std::array<std::uint32_t, 8> words = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
        std::uint64_t size_bytes = 0;  // of the message so far, including the rest
    };

    static void compress(State& first, State& second, std::byte const* blocks, std::size_t count);
    Digest finish(State state) const;

    State whole_;
    State leaf_;
    std::array<std::byte, 64> rest_;  // of an incomplete block
    std::size_t rest_size_ = 0;
};

}  // namespace firn::storage
