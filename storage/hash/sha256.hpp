// SHA-256 with OpenSSL, and digests as hexadecimal text.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace firn::storage {

using Digest = std::array<std::byte, 32>;

// A running hash; a copy continues from the same state. One object hashes any number of messages, one after
// the other.
class Sha256 {
public:
    Sha256();

    void update(std::span<std::byte const> bytes);
    // The digest of everything since the last finish(); begins a new message.
    Digest finish();

private:
    SHA256_CTX context_;
};

Digest sha256(std::span<std::byte const> bytes);

// 64 lower-case hexadecimal digits.
std::string to_hex(Digest const& digest);

}  // namespace firn::storage
