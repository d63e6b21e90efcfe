#include "storage/hash/content_hash.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using firn::test::bytes_of;
using firn::test::mib;
using firn::test::pattern;

namespace {

// Feeds the piece sizes in turn, again and again, until the data end.
ContentDigests digests_in_pieces(std::string_view data, std::vector<std::size_t> const& piece_sizes,
                                 bool with_pair = has_sha256_pair()) {
    ContentHash hash(with_pair);
    for (std::size_t turn = 0; !data.empty(); ++turn) {
        auto const size = std::min(piece_sizes[turn % piece_sizes.size()], data.size());
        hash.update(bytes_of(data.substr(0, size)));
        data.remove_prefix(size);
    }
    return hash.finish();
}

std::vector<Digest> leaves_of(std::string_view data) {
    std::vector<Digest> leaves;
    for (std::size_t begin = 0; begin < data.size(); begin += mib) {
        leaves.push_back(sha256(bytes_of(data.substr(begin, mib))));
    }
    return leaves;
}

}  // namespace

TEST_CASE("digests do not depend on how the bytes are cut") {
    // Also around the end of a block and of the space that its padding leaves.
    std::vector<std::size_t> const sizes = {1,           55,      56,          63,          64,      65,
                                            119,         120,     mib - 1,     mib,         mib + 1, mib + 55,
                                            2 * mib - 1, 2 * mib, 2 * mib + 1, 7 * mib / 2, 5 * mib};
    // The fallback must work where nobody needs it, too.
    std::vector<bool> ways = {false};
    if (has_sha256_pair()) ways.push_back(true);
    std::vector<std::vector<std::size_t>> const cuts = {
        {8 * mib},          // in one piece
        {mib},              // leaf by leaf
        {mib - 1},          // each end one byte earlier
        {mib + 1},          // each end one byte later
        {mib - 1, 1, 1},    // single bytes around the first boundary
        {0, 65'537},        // empty pieces between
        {3 * mib - 1, mib}  // several leaves in one piece
    };
    for (auto const size : sizes) {
        auto const data = pattern(size);
        auto const linear = to_hex(sha256(bytes_of(data)));
        auto const leaves = leaves_of(data);
        for (std::size_t way = 0; way < ways.size() * cuts.size(); ++way) {
            bool const with_pair = ways[way % ways.size()];
            auto const cut = way / ways.size();
            CAPTURE(size);
            CAPTURE(cut);
            CAPTURE(with_pair);
            auto const digests = digests_in_pieces(data, cuts[cut], with_pair);
            CHECK(to_hex(digests.linear) == linear);
            CHECK(digests.leaves == leaves);
            CHECK(to_hex(digests.tree) == to_hex(tree_root(leaves)));
        }
    }
}

TEST_CASE("one hash serves one body after the other") {
    auto const data = pattern(mib + 100);
    for (bool const with_pair : {false, has_sha256_pair()}) {
        ContentHash hash(with_pair);
        for (int i = 0; i < 2; ++i) {
            hash.update(bytes_of(data));
            auto const digests = hash.finish();
            CHECK(digests.linear == sha256(bytes_of(data)));
            CHECK(digests.leaves == leaves_of(data));
        }
    }
}

TEST_CASE("no bytes at all have the digest of nothing and no leaf") {
    auto const digests = ContentHash().finish();
    CHECK(to_hex(digests.linear) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(digests.tree == digests.linear);
    CHECK(digests.leaves.empty());
}

TEST_CASE("up to one MiB the tree hash is the linear hash, from there on it is not") {
    auto const small = digests_in_pieces(pattern(mib), {1000});
    CHECK(small.tree == small.linear);
    auto const large = digests_in_pieces(pattern(mib + 1), {1000});
    CHECK(large.tree != large.linear);
}
