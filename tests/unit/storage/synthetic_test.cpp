// Archives whose bytes are computed.
#include "storage/blobs/synthetic.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include "storage/hash/content_hash.hpp"
#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using firn::test::mib;

namespace {

std::vector<std::byte> bytes_of(SyntheticContent const& content) {
    std::vector<std::byte> bytes(content.size_bytes());
    content.read(0, bytes);
    return bytes;
}

}  // namespace

TEST_CASE("the bytes of synthetic content never change") {
    // If this fails, the change is wrong: such bytes are out there.
    SyntheticContent const content(7, 2 * mib + 1000);
    CHECK(to_hex(sha256(bytes_of(content))) ==
          "5a51fec62424462c692258117fcd9eaa1be90fb764c18501e37195eb2d60e15f");
    CHECK(to_hex(content.tree_hash()) == "9a7f5c5b54bdac30db3d51aee693380786204f3a4f11f112102d617b49278287");
}

TEST_CASE("synthetic content is the same in whatever pieces it is read") {
    SyntheticContent const content(-1, 2 * mib + 70'001);
    auto const whole = bytes_of(content);
    for (std::size_t const piece : {1'000'003, 65'536, 8'191}) {
        CAPTURE(piece);
        std::vector<std::byte> read(whole.size());
        for (std::size_t at = 0; at < read.size(); at += piece) {
            content.read(at, std::span(read).subspan(at, std::min(piece, read.size() - at)));
        }
        CHECK(read == whole);
    }
    // Byte by byte around every seam: of the tail, of the leaf, of the end.
    for (auto const seam : {mib - 64, mib, 2 * mib, content.size_bytes() - 64}) {
        for (auto at = seam - 2; at < seam + 2; ++at) {
            std::byte one{};
            content.read(at, {&one, 1});
            CHECK(one == whole[at]);
        }
    }
}

TEST_CASE("bytes beyond the end of synthetic content are refused") {
    SyntheticContent const content(1, 100);
    std::vector<std::byte> bytes(10);
    content.read(90, bytes);
    CHECK_THROWS_AS(content.read(91, bytes), std::out_of_range);
    CHECK_THROWS_AS(content.read(101, {}), std::out_of_range);
    CHECK_THROWS_AS(content.read(~std::uint64_t{0}, bytes), std::out_of_range);
}

TEST_CASE("leaves and tree hash of synthetic content are those of its bytes") {
    for (std::uint64_t const size :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{63}, std::uint64_t{64}, std::uint64_t{65},
          std::uint64_t{4096}, std::uint64_t{4096 + 64}, std::uint64_t{100'000}, mib - 1, mib, mib + 1,
          mib + 64, 3 * mib, 4 * mib + 65, 7 * mib + 12'345}) {
        CAPTURE(size);
        SyntheticContent const content(3, size);
        ContentHash hash;
        hash.update(bytes_of(content));
        auto const expected = hash.finish();
        CHECK(content.tree_hash() == expected.tree);
        for (std::uint64_t i = 0; i < content.leaf_count(); ++i) {
            CAPTURE(i);
            CHECK(content.leaf(i) == expected.leaves[i]);
        }
    }
}

TEST_CASE("synthetic content differs by tag, and from one MiB to the next") {
    SyntheticContent const content(1, 3 * mib);
    CHECK(content.leaf(0) != content.leaf(1));
    CHECK(content.leaf(1) != content.leaf(2));
    for (std::int64_t const tag : {std::int64_t{0}, std::int64_t{2}, std::int64_t{-1}}) {
        CHECK(SyntheticContent(tag, 3 * mib).leaf(0) != content.leaf(0));
        CHECK(SyntheticContent(tag, 16).leaf(0) != SyntheticContent(1, 16).leaf(0));
    }
}

TEST_CASE("a leaf far behind is found without its predecessors") {
    SyntheticContent const content(1, 40'000'000'000'000);
    std::vector<std::byte> bytes(mib);
    auto const last_full = content.leaf_count() - 2;
    content.read(last_full * mib, bytes);
    CHECK(sha256(bytes) == content.leaf(last_full));
}

TEST_CASE("the tree hash of terabytes is that of their leaves") {
    // Three periods of 64 GiB, some leaves and a piece of one; and the same as a range in the middle.
    auto const period = std::uint64_t{1} << 16;
    SyntheticContent const content(5, (3 * period + 5) * mib + 77);
    TreeHash by_leaf;
    for (std::uint64_t i = 0; i < content.leaf_count(); ++i) by_leaf.add(content.leaf(i));
    CHECK(content.tree_hash() == by_leaf.root());
    TreeHash range;
    content.add_leaves(range, 2 * period, 3 * period + 5);
    TreeHash range_by_leaf;
    for (auto i = 2 * period; i < 3 * period + 5; ++i) range_by_leaf.add(content.leaf(i));
    CHECK(range.root() == range_by_leaf.root());
}

TEST_CASE("a tree hash of leaves that come one by one is that of all at once") {
    std::vector<Digest> leaves;
    TreeHash hash;
    for (int i = 0; i < 70; ++i) {
        CAPTURE(i);
        CHECK(hash.root() == tree_root(leaves));
        leaves.push_back(sha256(std::as_bytes(std::span(&i, 1))));
        hash.add(leaves.back());
    }
}
