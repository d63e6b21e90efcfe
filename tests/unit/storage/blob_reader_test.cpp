// Pieces of content, from wherever they lie.
#include "storage/blobs/blob_reader.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using firn::test::count_files;
using firn::test::eventually;
using firn::test::publish;
using firn::test::read_all;
using firn::test::TemporaryDirectory;

TEST_CASE("a reader gives the bytes of files, of rows and of synthetic content in order") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const first = publish(blobs, "0123");
    auto const last = publish(blobs, "abcd");
    std::string computed(4, '\0');
    SyntheticContent(42, 100).read(96, std::as_writable_bytes(std::span(computed)));
    BlobReader reader(blobs, 7,
                      {{first, "", 1, 3}, {"", "row", 0, 3}, {"", "", 96, 4, 42, 100}, {last, "", 0, 2}});
    CHECK(reader.size_bytes() == 12);
    CHECK(read_all(reader) == "123row" + computed + "ab");
    CHECK_FALSE(reader.next());
}

TEST_CASE("a reader of nothing is at its end") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    BlobReader reader(blobs, 7, {});
    CHECK(reader.size_bytes() == 0);
    CHECK_FALSE(reader.next());
}

TEST_CASE("a first file that is missing shows before any byte is read, a later one in its turn") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const there = publish(blobs, "0123");
    auto const missing = blobs.new_name();
    CHECK_THROWS_AS(BlobReader(blobs, 7, {{missing, "", 0, 4}}), std::system_error);
    BlobReader reader(blobs, 7, {{there, "", 0, 4}, {missing, "", 0, 4}});
    CHECK(reader.next());
    CHECK_THROWS_AS(reader.next(), std::system_error);
}

TEST_CASE("files stay while a reader may still open them") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const first = publish(blobs, "0123");
    auto const last = publish(blobs, "abcd");
    std::optional<BlobReader> reader;
    reader.emplace(blobs, 7, std::vector<BlobSlice>{{first, "", 0, 4}, {last, "", 0, 4}});
    blobs.remove(7, {first, last});
    CHECK(read_all(*reader) == "0123abcd");
    CHECK(count_files(directory.path()) == 2);
    reader.reset();
    CHECK(eventually([&] { return count_files(directory.path()) == 0; }));
}

TEST_CASE("synthetic content comes in pieces that fit in memory") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    std::uint64_t const size_bytes = 600 << 10;
    BlobReader reader(blobs, 7, {{"", "", 0, size_bytes, 42, size_bytes}});
    std::vector<std::size_t> sizes;
    while (auto const piece = reader.next()) sizes.push_back(std::get<std::string>(*piece).size());
    CHECK(sizes == std::vector<std::size_t>{256 << 10, 256 << 10, 88 << 10});
}
