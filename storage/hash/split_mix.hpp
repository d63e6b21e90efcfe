// The generator SplitMix64 (Steele, Lea, Flood 2014) as a function: a bijection of 64-bit numbers.
#pragma once

#include <cstdint>

namespace firn::storage {

inline constexpr std::uint64_t split_mix_increment = 0x9e3779b97f4a7c15;

// The number that the generator returns after the state `x`.
inline std::uint64_t split_mix(std::uint64_t x) {
    x += split_mix_increment;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

}  // namespace firn::storage
