// Everything that Glacier leaves to chance: identifiers, durations, times of day. Each value is computed from
// the seed and from what it is for, not drawn from a running generator: the same requests get the same values
// whatever the threads do, and a restart repeats none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firn::glacier {

class Random {
public:
    explicit Random(std::string seed) : seed_(std::move(seed)) {}

    // `length` characters of A-Z a-z 0-9 - _ ; the first may be '-', as in Glacier's ids.
    std::string id(std::string_view kind, std::int64_t number, std::size_t length) const;

    // A number from low to high, both included, each equally likely.
    std::int64_t between(std::string_view kind, std::int64_t number, std::int64_t low,
                         std::int64_t high) const;

    // A paging marker: a place in one listing of the vault or upload `scope_pk`. Clients cannot invent one.
    std::string marker(std::string_view listing, std::int64_t scope_pk, std::int64_t place) const;
    // The place that the marker names; nothing when the marker does not belong to that listing.
    std::optional<std::int64_t> place_of(std::string_view marker, std::string_view listing,
                                         std::int64_t scope_pk) const;

private:
    std::string seed_;
};

// The ids of a long series. Each costs a few multiplications where Random computes digests: every request
// needs one. As repeatable as those of Random.
class IdSeries {
public:
    IdSeries(Random const& random, std::string_view kind);

    std::string id(std::uint64_t number, std::size_t length) const;

private:
    std::uint64_t const start_;
};

}  // namespace firn::glacier
