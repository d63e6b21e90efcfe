// The bytes that the benchmark moves: MiB after MiB of the same noise, but each begins with its own number,
// so that one that is lost, moved or sent twice is noticed without keeping a gigabyte in memory. Their hashes
// are computed here, apart from firn's own code.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bench {

inline constexpr std::size_t mebibyte = 1 << 20;

using Digest = std::array<unsigned char, 32>;

// A running SHA-256, for any number of messages one after the other.
class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new()) { begin(); }
    void update(std::span<char const> bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    void update(Digest const& digest) { EVP_DigestUpdate(context_.get(), digest.data(), digest.size()); }
    Digest finish() {
        Digest digest{};
        EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
        begin();
        return digest;
    }

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    void begin() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

inline std::string to_hex(Digest const& digest) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (auto const byte : digest) text += {digits[byte >> 4], digits[byte & 15]};
    return text;
}

// The root above the digests of each MiB: neighbours are joined level by level, an odd one goes up unchanged.
inline Digest tree_root(std::vector<Digest> level) {
    Sha256 hash;
    while (level.size() > 1) {
        std::vector<Digest> next;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
            hash.update(level[i]);
            hash.update(level[i + 1]);
            next.push_back(hash.finish());
        }
        if (level.size() % 2 == 1) next.push_back(level.back());
        level = std::move(next);
    }
    return level.at(0);
}

// What a client says of its bytes, and a server finds out: the hash of all, and those of each MiB.
class Hashes {
public:
    // Pieces must not reach over the end of a MiB.
    void add(std::span<char const> bytes) {
        linear_.update(bytes);
        leaf_.update(bytes);
        leaf_bytes_ += bytes.size();
        if (leaf_bytes_ == mebibyte) end_leaf();
    }
    std::string linear() { return to_hex(linear_.finish()); }
    std::string tree() {
        if (leaf_bytes_ > 0 || leaves_.empty()) end_leaf();
        return to_hex(tree_root(leaves_));
    }
    // Of each whole MiB.
    std::vector<Digest> const& leaves() const { return leaves_; }

private:
    void end_leaf() {
        leaves_.push_back(leaf_.finish());
        leaf_bytes_ = 0;
    }

    Sha256 linear_;
    Sha256 leaf_;
    std::size_t leaf_bytes_ = 0;
    std::vector<Digest> leaves_;
};

// One MiB of the content at a time. Each thread has its own.
class Block {
public:
    Block() : bytes_(mebibyte) {
        std::uint64_t state = 0x9E3779B97F4A7C15;
        for (std::size_t at = 0; at < mebibyte; at += sizeof state) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            std::memcpy(bytes_.data() + at, &state, sizeof state);
        }
    }
    // Valid until the next call.
    std::span<char const> numbered(std::uint64_t number) {
        std::memcpy(bytes_.data(), &number, sizeof number);
        return bytes_;
    }

private:
    std::vector<char> bytes_;
};

}  // namespace bench
