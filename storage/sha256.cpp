#include "storage/sha256.hpp"

#include <stdexcept>

namespace firn::storage {
namespace {

// Fetching the algorithm is the slow part of EVP: once a process
// (https://github.com/openssl/openssl/issues/25858).
EVP_MD const* algorithm() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
}

void check(int ok) {
    if (ok != 1) throw std::runtime_error("OpenSSL refuses to compute SHA-256");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    check(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr));
}

Sha256::Sha256(Sha256 const& other) : context_(EVP_MD_CTX_new()) {
    *this = other;
}

Sha256& Sha256::operator=(Sha256 const& other) {
    if (this != &other) check(EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()));
    return *this;
}

void Sha256::update(std::span<std::byte const> bytes) {
    check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Digest Sha256::finish() {
    Digest digest;
    check(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr));
    check(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr));
    return digest;
}

Digest sha256(std::span<std::byte const> bytes) {
    thread_local Sha256 hash;
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
