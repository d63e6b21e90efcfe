#include "storage/blobs/synthetic.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <vector>

#include "storage/hash/split_mix.hpp"

namespace firn::storage {
namespace {

constexpr std::size_t tail_size_bytes = 64;
constexpr std::size_t state_distance_bytes = 4 << 10;
constexpr std::uint64_t period_leaves = 1 << 16;  // 64 GiB

using Tail = std::array<std::byte, tail_size_bytes>;

// The numbers of SplitMix64 from a seed on, in little-endian order.
void fill(std::uint64_t seed, std::span<std::byte> out) {
    for (std::size_t i = 0; i < out.size(); i += 8, seed += split_mix_increment) {
        auto const word = split_mix(seed);
        for (std::size_t k = 0; k < 8 && i + k < out.size(); ++k)
            out[i + k] = std::byte(word >> (8 * k) & 255);
    }
}

// A shorter leaf takes the beginning of the tail. No two leaves of one tag and period have the same seed.
Tail tail_of(std::int64_t tag, std::uint64_t leaf) {
    Tail tail;
    fill(split_mix(split_mix(static_cast<std::uint64_t>(tag)) + leaf % period_leaves - split_mix_increment),
         tail);
    return tail;
}

// P, and states of hashes of its beginning.
struct Common {
    std::vector<std::byte> bytes = std::vector<std::byte>(leaf_size_bytes);
    std::vector<Sha256> states;  // of the first 0, 4 KiB, 8 KiB, …
    Sha256 full_leaf;            // of all but the tail of a whole MiB

    Common() {
        fill(0x6669726e, bytes);
        Sha256 hash;
        for (std::size_t at = 0; at < bytes.size(); at += state_distance_bytes) {
            states.push_back(hash);
            hash.update(std::span(bytes).subspan(at, state_distance_bytes));
        }
        full_leaf = after(bytes.size() - tail_size_bytes);
    }

    // The state of a hash after the first `length` bytes.
    Sha256 after(std::size_t length) const {
        auto const nearest = std::min(length / state_distance_bytes, states.size() - 1);
        auto hash = states[nearest];
        hash.update(std::span(bytes).first(length).subspan(nearest * state_distance_bytes));
        return hash;
    }
};

Common const& common() {
    static Common const instance;
    return instance;
}

}  // namespace

std::size_t SyntheticContent::leaf_length(std::uint64_t index) const {
    return static_cast<std::size_t>(std::min(leaf_size_bytes, size_bytes_ - index * leaf_size_bytes));
}

void SyntheticContent::read(std::uint64_t offset, std::span<std::byte> out) const {
    if (offset > size_bytes_ || out.size() > size_bytes_ - offset) {
        throw std::out_of_range("bytes beyond the end of synthetic content");
    }
    while (!out.empty()) {
        auto const index = offset / leaf_size_bytes;
        auto const length = leaf_length(index);
        auto const at = static_cast<std::size_t>(offset % leaf_size_bytes);
        auto const tail_at = length - std::min(length, tail_size_bytes);
        auto source = std::span<std::byte const>(common().bytes).first(tail_at);
        auto const tail = tail_of(tag_, index);
        if (at >= tail_at) {
            source = std::span(tail).first(length - tail_at).subspan(at - tail_at);
        } else {
            source = source.subspan(at);
        }
        source = source.first(std::min(source.size(), out.size()));
        std::copy(source.begin(), source.end(), out.begin());
        out = out.subspan(source.size());
        offset += source.size();
    }
}

Digest SyntheticContent::leaf(std::uint64_t index) const {
    // One hash for each thread, because making one costs more than using it.
    thread_local Sha256 hash;
    auto const length = leaf_length(index);
    auto const tail_size = std::min(length, tail_size_bytes);
    if (length == leaf_size_bytes) {
        hash = common().full_leaf;
    } else {
        hash = common().after(length - tail_size);
    }
    auto const tail = tail_of(tag_, index);
    hash.update(std::span(tail).first(tail_size));
    return hash.finish();
}

Digest SyntheticContent::tree_hash() const {
    TreeHash hash;
    add_leaves(hash, 0, leaf_count());
    return hash.root();
}

void SyntheticContent::add_leaves(TreeHash& hash, std::uint64_t first, std::uint64_t end) const {
    auto const full_leaves = size_bytes_ / leaf_size_bytes;
    std::optional<Digest> period;
    for (auto i = first; i < end;) {
        auto const next = i + period_leaves;
        bool const is_period = i % period_leaves == 0 && hash.leaf_count() % period_leaves == 0 &&
                               next <= end && next <= full_leaves;
        if (!is_period) {
            hash.add(leaf(i++));
            continue;
        }
        if (!period) period = period_root();
        hash.add(*period, period_leaves);
        i = next;
    }
}

// The tree hash of 64 GiB that begin at a multiple of 64 GiB.
Digest SyntheticContent::period_root() const {
    TreeHash hash;
    for (std::uint64_t i = 0; i < period_leaves; ++i) hash.add(leaf(i));
    return hash.root();
}

}  // namespace firn::storage
