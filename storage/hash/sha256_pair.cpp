#include "storage/hash/sha256_pair.hpp"

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace firn::storage {
namespace {

constexpr std::size_t block_size = 64;

}  // namespace

#if defined(__x86_64__)
namespace {

#define SHA_NI __attribute__((target("sha,sse4.1")))

// FIPS 180-4, 4.2.2.
alignas(16) constexpr std::uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight words of a state in the order that the instructions need.
struct Lanes {
    __m128i abef;
    __m128i cdgh;
};

SHA_NI Lanes load(std::uint32_t const* words) {
    auto const* const halves = reinterpret_cast<__m128i const*>(words);
    auto const cdab = _mm_shuffle_epi32(_mm_loadu_si128(halves), 0xb1);
    auto const efgh = _mm_shuffle_epi32(_mm_loadu_si128(halves + 1), 0x1b);
    return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

SHA_NI void store(Lanes const& lanes, std::uint32_t* words) {
    auto* const halves = reinterpret_cast<__m128i*>(words);
    auto const feba = _mm_shuffle_epi32(lanes.abef, 0x1b);
    auto const dchg = _mm_shuffle_epi32(lanes.cdgh, 0xb1);
    _mm_storeu_si128(halves, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(halves + 1, _mm_alignr_epi8(dchg, feba, 8));
}

SHA_NI inline void two_rounds(Lanes& lanes, __m128i low, __m128i high) {
    lanes.cdgh = _mm_sha256rnds2_epu32(lanes.cdgh, lanes.abef, low);
    lanes.abef = _mm_sha256rnds2_epu32(lanes.abef, lanes.cdgh, high);
}

SHA_NI inline void add(Lanes& lanes, Lanes const& other) {
    lanes.abef = _mm_add_epi32(lanes.abef, other.abef);
    lanes.cdgh = _mm_add_epi32(lanes.cdgh, other.cdgh);
}

SHA_NI void compress_pair(std::uint32_t* first, std::uint32_t* second, std::byte const* blocks,
                          std::size_t count) {
    auto const big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    auto a = load(first);
    auto b = load(second);
    for (; count > 0; --count, blocks += block_size) {
        auto const a_before = a;
        auto const b_before = b;
        __m128i w[4];
        for (int i = 0; i < 4; ++i) {
            w[i] =
                _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<__m128i const*>(blocks) + i), big_endian);
        }
        // Four rounds a step; the schedule runs four steps ahead.
#pragma GCC unroll 16
        for (int step = 0; step < 16; ++step) {
            auto& words = w[step & 3];
            auto const low =
                _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<__m128i const*>(constants) + step));
            auto const high = _mm_shuffle_epi32(low, 0x0e);
            two_rounds(a, low, high);
            two_rounds(b, low, high);
            if (step >= 12) continue;
            auto const last = w[(step + 3) & 3];
            auto const sum = _mm_add_epi32(_mm_sha256msg1_epu32(words, w[(step + 1) & 3]),
                                           _mm_alignr_epi8(last, w[(step + 2) & 3], 4));
            words = _mm_sha256msg2_epu32(sum, last);
        }
        add(a, a_before);
        add(b, b_before);
    }
    store(a, first);
    store(b, second);
}

bool has_instructions() {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __builtin_cpu_supports("sse4.1") != 0 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
           (ebx & bit_SHA) != 0;
}

}  // namespace
#else
namespace {

void compress_pair(std::uint32_t*, std::uint32_t*, std::byte const*, std::size_t) {}

bool has_instructions() {
    return false;
}

}  // namespace
#endif

bool has_sha256_pair() {
    static bool const agrees = has_instructions() && [] {
        std::vector<std::byte> bytes(3 * block_size + 21);
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37);
        Sha256Pair pair;
        pair.update(std::span(bytes).first(2 * block_size));
        auto const leaf = pair.finish_leaf();
        pair.update(std::span(bytes).subspan(2 * block_size));
        return leaf == sha256(std::span(bytes).first(2 * block_size)) &&
               pair.finish_leaf() == sha256(std::span(bytes).subspan(2 * block_size)) &&
               pair.finish() == sha256(bytes);
    }();
    return agrees;
}

void Sha256Pair::compress(State& first, State& second, std::byte const* blocks, std::size_t count) {
    compress_pair(first.words.data(), second.words.data(), blocks, count);
}

void Sha256Pair::update(std::span<std::byte const> bytes) {
    whole_.size_bytes += bytes.size();
    leaf_.size_bytes += bytes.size();
    if (rest_size_ > 0) {
        auto const piece = bytes.first(std::min(bytes.size(), block_size - rest_size_));
        std::copy(piece.begin(), piece.end(), rest_.begin() + static_cast<std::ptrdiff_t>(rest_size_));
        rest_size_ += piece.size();
        bytes = bytes.subspan(piece.size());
        if (rest_size_ < block_size) return;
        compress(whole_, leaf_, rest_.data(), 1);
    }
    auto const count = bytes.size() / block_size;
    compress(whole_, leaf_, bytes.data(), count);
    bytes = bytes.subspan(count * block_size);
    std::copy(bytes.begin(), bytes.end(), rest_.begin());
    rest_size_ = bytes.size();
}

Digest Sha256Pair::finish_leaf() {
    auto const digest = finish(leaf_);
    leaf_ = {};
    return digest;
}

Digest Sha256Pair::finish() const {
    return finish(whole_);
}

// FIPS 180-4, 5.1.1: a bit, zeros, and the length in bits at the end of a block.
Digest Sha256Pair::finish(State state) const {
    std::array<std::byte, 2 * block_size> end{};
    std::copy_n(rest_.begin(), rest_size_, end.begin());
    end[rest_size_] = std::byte{0x80};
    auto const count = rest_size_ + 9 <= block_size ? std::size_t{1} : std::size_t{2};
    for (std::size_t i = 0; i < 8; ++i) {
        end[count * block_size - 1 - i] = static_cast<std::byte>(state.size_bytes * 8 >> (8 * i));
    }
    State unused;
    compress(state, unused, end.data(), count);
    Digest digest;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<std::byte>(state.words[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

}  // namespace firn::storage
