#include "storage/hash/tree_hash.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using firn::test::bytes_of;
using firn::test::mib;
using firn::test::pattern;
using firn::test::SampleStore;

namespace {

constexpr std::uint64_t leaves_max = 33;

std::string tree_hash_of(std::string const& data) {
    auto const bytes = std::as_bytes(std::span(data));
    std::vector<Digest> leaves;
    for (std::size_t begin = 0; begin < bytes.size(); begin += mib) {
        leaves.push_back(sha256(bytes.subspan(begin, std::min<std::size_t>(mib, bytes.size() - begin))));
    }
    return to_hex(tree_root(leaves));
}

std::vector<Digest> different_leaves(std::uint64_t count) {
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(sha256(std::as_bytes(std::span(&i, 1))));
    return leaves;
}

// The archive's root from the roots of its parts, as CompleteMultipartUpload computes it.
Digest root_of_parts(std::span<Digest const> leaves, std::uint64_t part_size_mib) {
    std::vector<Digest> roots;
    for (std::uint64_t begin = 0; begin < leaves.size(); begin += part_size_mib) {
        roots.push_back(tree_root(leaves.subspan(begin, std::min(part_size_mib, leaves.size() - begin))));
    }
    return tree_root(roots);
}

using Leaves = std::pair<std::uint64_t, std::uint64_t>;  // [first, second)

// The leaves below each node of the tree, built level by level as the definition says.
std::set<Leaves> nodes_of_tree(std::uint64_t leaf_count) {
    std::vector<Leaves> level;
    for (std::uint64_t i = 0; i < leaf_count; ++i) level.emplace_back(i, i + 1);
    std::set<Leaves> nodes(level.begin(), level.end());
    while (level.size() > 1) {
        std::vector<Leaves> next;
        for (std::size_t i = 0; i < level.size(); i += 2) {
            auto const& last = level[std::min(i + 1, level.size() - 1)];
            next.emplace_back(level[i].first, last.second);
        }
        level = next;
        nodes.insert(level.begin(), level.end());
    }
    return nodes;
}

ByteRange range_of(Leaves leaves, std::uint64_t size_bytes) {
    return {leaves.first * mib, std::min(leaves.second * mib, size_bytes) - 1};
}

// The ranges of whole leaves for which is_tree_hash_aligned differs from the definition.
std::vector<Leaves> misjudged_ranges(std::uint64_t leaf_count, std::uint64_t size_bytes) {
    auto const nodes = nodes_of_tree(leaf_count);
    std::vector<Leaves> misjudged;
    for (std::uint64_t first = 0; first < leaf_count; ++first) {
        for (auto end = first + 1; end <= leaf_count; ++end) {
            Leaves const leaves(first, end);
            if (is_tree_hash_aligned(range_of(leaves, size_bytes), size_bytes) != nodes.contains(leaves)) {
                misjudged.push_back(leaves);
            }
        }
    }
    return misjudged;
}

}  // namespace

// reference/glacier-api.md 4.1; the two rows of "0" agree with tests that ran against the real service.
TEST_CASE("tree hashes agree with the known vectors") {
    std::string five;
    for (char byte = 0; byte < 5; ++byte) five += std::string(mib, byte);
    std::vector<std::pair<std::string, std::string>> const vectors = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {std::string(mib, '\0'), "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58"},
        {std::string(mib + 1, '\0'), "28638dab8d5e1754a4ecb38b0ebe6df66c844f94aed142d4d0283d208bb786cd"},
        {std::string(2 * mib, '\0'), "861890b487038d840e9d71d43bbc0fd4571453fb9d9b1f370caa3582a29b0ec7"},
        {std::string(3 * mib, '\0'), "ca6cc129a4514ec765de86a4e7a49adf44842c9cac213c383ebe4071271bdf21"},
        {five, "2c55c597970ccba9f68041f6cc6170627bf12f72ceebe677ab4da93c6260294c"},
        {std::string(13 * mib / 2, 'a'), "0dae0a3f606e3eae41361ffc1dc3e1c5311ae06f9c14299ca46052f89947f412"},
        {std::string(mib / 4, '0'), "6faefade5a638cd3545d638dd5754763658e32209e69420cb559b7650d4bf93a"},
        {std::string(5 * mib / 2, '0'), "86118ad0c187fd240db59a37360e0e7f8a3a0c608eed740b4cd7b4271ab45171"},
    };
    for (auto const& vector : vectors) {
        CAPTURE(vector.first.size());
        CHECK(tree_hash_of(vector.first) == vector.second);
    }
}

TEST_CASE("the roots of parts of 2^n MiB combine to the archive's root") {
    for (std::uint64_t count = 1; count <= leaves_max; ++count) {
        auto const leaves = different_leaves(count);
        auto const root = to_hex(tree_root(leaves));
        for (std::uint64_t part_size_mib = 1; part_size_mib <= 64; part_size_mib *= 2) {
            CAPTURE(count);
            CAPTURE(part_size_mib);
            CHECK(to_hex(root_of_parts(leaves, part_size_mib)) == root);
        }
    }
}

TEST_CASE("the roots of parts of another size do not combine") {
    auto const leaves = different_leaves(7);
    CHECK(root_of_parts(leaves, 3) != tree_root(leaves));
}

TEST_CASE(
    "a range of whole leaves is tree-hash aligned exactly when it is what one node of the tree covers") {
    for (std::uint64_t count = 1; count <= leaves_max; ++count) {
        CAPTURE(count);
        CHECK(misjudged_ranges(count, count * mib).empty());
        CHECK(misjudged_ranges(count, count * mib - mib + 1).empty());
    }
}

// reference/glacier-api.md 4.2
TEST_CASE("alignment in an archive of 6.5 MiB is as the reference lists it") {
    auto const size_bytes = 13 * mib / 2;
    auto const aligned = [&](std::uint64_t first, std::uint64_t end) {
        return is_tree_hash_aligned(range_of({first, end}, size_bytes), size_bytes);
    };
    CHECK(aligned(0, 7));
    CHECK(aligned(0, 4));
    CHECK(aligned(4, 7));
    CHECK(aligned(6, 7));
    CHECK(aligned(4, 6));
    CHECK(aligned(2, 4));
    CHECK_FALSE(aligned(0, 3));
    CHECK_FALSE(aligned(1, 3));
    CHECK_FALSE(aligned(2, 5));
    CHECK_FALSE(aligned(5, 7));
}

TEST_CASE("a range is MiB-aligned when it begins at a MiB and ends at one or with the archive") {
    auto const size_bytes = 3 * mib + 5;
    CHECK(is_mebibyte_aligned({0, mib - 1}, size_bytes));
    CHECK(is_mebibyte_aligned({mib, 3 * mib - 1}, size_bytes));
    CHECK(is_mebibyte_aligned({3 * mib, size_bytes - 1}, size_bytes));
    CHECK_FALSE(is_mebibyte_aligned({1, mib - 1}, size_bytes));
    CHECK_FALSE(is_mebibyte_aligned({0, mib}, size_bytes));
    CHECK_FALSE(is_mebibyte_aligned({0, mib - 2}, size_bytes));
    CHECK_FALSE(is_mebibyte_aligned({3 * mib, size_bytes - 2}, size_bytes));
}

TEST_CASE("a range that cuts a MiB has no tree hash, whatever leaves it touches") {
    CHECK_FALSE(is_tree_hash_aligned({0, mib - 2}, 4 * mib));
    CHECK_FALSE(is_tree_hash_aligned({1, 4 * mib - 1}, 4 * mib));
    CHECK_FALSE(is_tree_hash_aligned({2 * mib, 3 * mib}, 4 * mib));
    CHECK(is_tree_hash_aligned({0, 0}, 1));
}

TEST_CASE("the tree hash of a range is that of its bytes, across blobs too") {
    SampleStore store;
    auto const content = pattern(6 * mib + 100);
    auto const archive = store.add_archive(store.add_vault().vault_pk, content.substr(0, 4 * mib)).archive_pk;
    store.add_part(archive, 4 * mib, content.substr(4 * mib, mib));
    store.add_part(archive, 5 * mib, content.substr(5 * mib));
    auto const reading = store->read();
    for (std::uint64_t first = 0; first < content.size(); first += mib) {
        for (auto end = first + mib; end < content.size() + mib; end += mib) {
            ByteRange const range{first, std::min(end, std::uint64_t{content.size()}) - 1};
            if (!is_tree_hash_aligned(range, content.size())) continue;
            ContentHash hash;
            hash.update(bytes_of(content).subspan(range.first, range.size_bytes()));
            CAPTURE(first / mib);
            CAPTURE(end / mib);
            CHECK(to_hex(reading->range_tree_hash(archive, range)) == to_hex(hash.finish().tree));
        }
    }
}
