#include "server/glacier/random.hpp"

#include <charconv>
#include <limits>

#include "server/glacier/limits.hpp"
#include "server/text/number.hpp"
#include "storage/hash/sha256.hpp"
#include "storage/hash/split_mix.hpp"

namespace firn::glacier {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int characters_per_word = 10;   // 6 bits each
constexpr std::size_t place_length = 16;  // hexadecimal digits of a place at the end of a marker

storage::Digest digest_of(std::string const& text) {
    return storage::sha256(std::as_bytes(std::span(text)));
}

std::string key_of(std::string const& seed, std::string_view kind, std::int64_t number) {
    return seed + '/' + std::string(kind) + '/' + std::to_string(number);
}

}  // namespace

std::string Random::id(std::string_view kind, std::int64_t number, std::size_t length) const {
    auto const key = key_of(seed_, kind, number);
    std::string id;
    id.reserve(length);
    // Each byte gives 6 bits, which make a character.
    for (int block = 0; id.size() < length; ++block) {
        for (auto const byte : digest_of(key + '/' + std::to_string(block))) {
            if (id.size() < length) id += alphabet[std::to_integer<unsigned>(byte) & 63];
        }
    }
    return id;
}

std::int64_t Random::between(std::string_view kind, std::int64_t number, std::int64_t low,
                             std::int64_t high) const {
    auto const digest = digest_of(key_of(seed_, kind, number));
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i)
        value = value << 8 | std::to_integer<std::uint64_t>(digest[static_cast<std::size_t>(i)]);
    return low + static_cast<std::int64_t>(value % (static_cast<std::uint64_t>(high - low) + 1));
}

std::string Random::marker(std::string_view listing, std::int64_t scope_pk, std::int64_t place) const {
    char digits[place_length + 1];
    auto const end = std::to_chars(digits, digits + place_length, place, 16).ptr;
    std::string const hex(digits, end);
    auto const kind = std::string(listing) + '/' + std::to_string(scope_pk);
    return id(kind, place, marker_length - place_length) + std::string(place_length - hex.size(), '0') + hex;
}

std::optional<std::int64_t> Random::place_of(std::string_view marker, std::string_view listing,
                                             std::int64_t scope_pk) const {
    if (marker.size() != marker_length) return std::nullopt;
    auto const digits = marker.substr(marker_length - place_length);
    auto const place = text::parse_number<std::int64_t>(digits, 16);
    if (!place || *place < 0) return std::nullopt;
    return this->marker(listing, scope_pk, *place) == marker ? place : std::nullopt;
}

IdSeries::IdSeries(Random const& random, std::string_view kind)
    : start_(static_cast<std::uint64_t>(
          random.between(kind, 0, 0, std::numeric_limits<std::int64_t>::max() - 1))) {}

std::string IdSeries::id(std::uint64_t number, std::size_t length) const {
    std::string id;
    id.reserve(length);
    // Two rounds: neighbouring numbers must not give neighbouring words.
    auto const seed = storage::split_mix(start_ + storage::split_mix(number));
    for (std::uint64_t i = 0; id.size() < length; ++i) {
        auto word = storage::split_mix(seed + i);
        for (int k = 0; k < characters_per_word && id.size() < length; ++k, word >>= 6)
            id += alphabet[word & 63];
    }
    return id;
}

}  // namespace firn::glacier
