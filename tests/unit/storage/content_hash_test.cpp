#include "storage/content_hash.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using firn::test::bytes_of;
using firn::test::mib;
using firn::test::pattern;

namespace {

// Feeds the piece sizes in turn, again and again, until the data end.
ContentDigests digests_in_pieces(std::string_view data, std::vector<std::size_t> const& piece_sizes) {
    ContentHash hash;
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
    std::vector<std::size_t> const sizes = {1,       mib - 1,     mib,         mib + 1, 2 * mib - 1,
                                            2 * mib, 2 * mib + 1, 7 * mib / 2, 5 * mib};
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
        for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
            CAPTURE(size);
            CAPTURE(cut);
            auto const digests = digests_in_pieces(data, cuts[cut]);
            CHECK(to_hex(digests.linear) == linear);
            CHECK(digests.leaves == leaves);
            CHECK(to_hex(digests.tree) == to_hex(tree_root(leaves)));
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
