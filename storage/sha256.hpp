// SHA-256 by OpenSSL, and digests as hexadecimal text.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace firn::storage {

using Digest = std::array<std::byte, 32>;

// A running hash. One object serves any number of messages, one after the other.
class Sha256 {
public:
    Sha256();
    // Continues from the state of another hash.
    Sha256(Sha256 const& other);
    Sha256& operator=(Sha256 const& other);

    void update(std::span<std::byte const> bytes);
    // The digest of everything since the last finish(); begins a new message.
    Digest finish();

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Digest sha256(std::span<std::byte const> bytes);

// 64 lower-case digits.
std::string to_hex(Digest const& digest);

}  // namespace firn::storage
