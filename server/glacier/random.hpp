// Everything that Glacier leaves to chance: identifiers, durations, times of day. Nothing is drawn from a
// running generator: each value follows from the seed and from what it is for, so that the same requests give
// the same values whatever the threads do, and a restart repeats none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firn::glacier {

class Random {
public:
    explicit Random(std::string seed) : seed_(std::move(seed)) {}

    // `length` characters of A-Z a-z 0-9 - _ ; may begin with '-', as Glacier's do.
    std::string id(std::string_view kind, std::int64_t number, std::size_t length) const;

    // Evenly in [low, high].
    std::int64_t between(std::string_view kind, std::int64_t number, std::int64_t low,
                         std::int64_t high) const;

    // A paging marker: names a place in one listing, and cannot be made up by a client.
    std::string marker(std::string_view listing, std::int64_t vault_pk, std::int64_t place) const;
    // The place, or nothing when this is no marker of that listing of that vault.
    std::optional<std::int64_t> place_of(std::string_view marker, std::string_view listing,
                                         std::int64_t vault_pk) const;

private:
    std::string seed_;
};

// The ids of a long series, each of which costs a few multiplications instead of digests: for what every
// request needs. As repeatable as those of Random.
class IdSeries {
public:
    IdSeries(Random const& random, std::string_view kind);

    std::string id(std::uint64_t number, std::size_t length) const;

private:
    std::uint64_t const start_;
};

}  // namespace firn::glacier
