// The functions SHA256_* are deprecated in favour of EVP. But the first hash with EVP reads a configuration
// file and loads providers, which takes 2 MiB of memory and 1.2 ms of the start. And short messages, from
// which ids are made, take four times as long with EVP.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "storage/hash/sha256.hpp"

namespace firn::storage {

Sha256::Sha256() {
    SHA256_Init(&context_);
}

void Sha256::update(std::span<std::byte const> bytes) {
    SHA256_Update(&context_, bytes.data(), bytes.size());
}

Digest Sha256::finish() {
    Digest digest;
    SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &context_);
    SHA256_Init(&context_);
    return digest;
}

Digest sha256(std::span<std::byte const> bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

std::string to_hex(Digest const& digest) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * digest.size());
    for (auto const byte : digest) {
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

}  // namespace firn::storage
