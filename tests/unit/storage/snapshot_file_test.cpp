// Snapshots carried from one store to another.
#include "storage/snapshots/snapshot_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t larger_than_inline = inline_size_bytes_max + 1;

std::string const several_chunks = pattern(2 * mib + 5);

// A store with archives of all kinds, exported to a file.
struct Exported {
    TemporaryDirectory directory;
    SampleStore store;
    fs::path file = directory.path() / "snapshot.firn";
    Archive small, large, synthetic;

    Exported() {
        auto const vault = store.add_vault().vault_pk;
        small = store.add_archive(vault, "small");
        store.add_archive(vault, pattern(larger_than_inline));
        large = store.add_archive(vault, several_chunks);
        synthetic = store.add_synthetic_archive(vault, 9, 3 * mib);
        store->save_snapshot("s", "the note");
        store->export_snapshot("s", file);
    }
};

// What importing says; empty when it is done.
std::string refusal(SampleStore& store, fs::path const& file) {
    try {
        store->import_snapshot("imported", file);
        return "";
    } catch (ImportError const& error) {
        return error.what();
    }
}

void check_untouched(SampleStore& store) {
    CHECK(store->snapshots().empty());
    CHECK(eventually([&] { return store.file_count() == 0; }));
}

void change_database(fs::path const& file, char const* sql) {
    Connection connection(file, false);
    connection.execute(sql);
    connection.execute("PRAGMA journal_mode = DELETE");
}

void flip_byte(fs::path const& file, std::streamoff at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(at);
    auto const byte = static_cast<char>(stream.get());
    stream.seekp(at);
    stream.put(static_cast<char>(byte ^ 0x10));
}

}  // namespace

TEST_CASE("a snapshot goes to another store in one file, with all its bytes") {
    Exported exported;
    CHECK(std::distance(fs::directory_iterator(exported.directory.path()), {}) == 1);
    TemporaryDirectory const directory;
    SampleStore store(DataDirectory::at(directory.path()));
    store->import_snapshot("imported", exported.file);
    REQUIRE(store->snapshots().size() == 1);
    CHECK(store->snapshots()[0].note == "the note");
    CHECK_FALSE(store->read()->find_vault(own, "v"));
    store->restore_snapshot("imported");
    CHECK(store->read()->find_vault(own, "v")->contents.archive_count == 4);
    CHECK(store.content(exported.small.archive_pk, {0, 4}) == "small");
    CHECK(store.content(exported.large.archive_pk, {0, several_chunks.size() - 1}) == several_chunks);
    CHECK(store.content(exported.synthetic.archive_pk, {0, 9}) ==
          exported.store.content(exported.synthetic.archive_pk, {0, 9}));
    CHECK(store.file_count() == 2);
}

TEST_CASE("a snapshot is imported where its files still are, and where they are only waiting to go") {
    Exported exported;
    auto& store = exported.store;
    store->remove_snapshot("s");
    SUBCASE("they are there") {}
    SUBCASE("they are being removed") {
        store->reset();
    }
    store->import_snapshot("again", exported.file);
    store->restore_snapshot("again");
    CHECK(store.content(exported.large.archive_pk, {0, several_chunks.size() - 1}) == several_chunks);
    CHECK(store.file_count() == 2);
}

TEST_CASE("an export takes the place of an earlier one") {
    Exported exported;
    exported.store->reset();
    exported.store->save_snapshot("s");
    exported.store->export_snapshot("s", exported.file);
    SampleStore store;
    store->import_snapshot("imported", exported.file);
    CHECK(store.file_count() == 0);
}

TEST_CASE("a file that is no snapshot is refused") {
    Exported exported;
    SampleStore store;
    auto const file = exported.directory.path() / "other";
    SUBCASE("no file") {
        CHECK(refusal(store, file) != "");
    }
    SUBCASE("an empty one") {
        std::ofstream(file).flush();
        CHECK(refusal(store, file).find("not an exported snapshot") != std::string::npos);
    }
    SUBCASE("garbage") {
        std::ofstream(file) << std::string(10'000, 'x');
        CHECK(refusal(store, file).find("not an exported snapshot") != std::string::npos);
    }
    SUBCASE("a database of something else") {
        Connection(file, false).execute("CREATE TABLE t (x)");
        CHECK(refusal(store, file) == "the file is not an exported snapshot");
    }
    SUBCASE("a folder") {
        CHECK(refusal(store, exported.directory.path()) != "");
    }
    check_untouched(store);
}

TEST_CASE("a damaged export is refused, and nothing of it stays") {
    Exported exported;
    SampleStore store;
    SUBCASE("a chunk is missing") {
        change_database(exported.file, "DELETE FROM chunks WHERE number = 1 AND name <> 'firn.db'");
    }
    SUBCASE("a chunk has other bytes") {
        change_database(exported.file, "UPDATE chunks SET bytes = zeroblob(length(bytes)) WHERE number = 2");
    }
    SUBCASE("a chunk is too long") {
        change_database(exported.file, "UPDATE chunks SET bytes = bytes || x'00' WHERE number = 2");
    }
    SUBCASE("a file is missing") {
        change_database(exported.file, "DELETE FROM chunks WHERE name <> 'firn.db'");
    }
    SUBCASE("the database is missing") {
        change_database(exported.file, "DELETE FROM files WHERE name = 'firn.db'");
    }
    SUBCASE("the end is missing") {
        fs::resize_file(exported.file, fs::file_size(exported.file) / 2);
    }
    CHECK(refusal(store, exported.file).find("damaged") != std::string::npos);
    check_untouched(store);
}

TEST_CASE("whichever byte of an export is damaged: either it is refused, or it made no difference") {
    Exported exported;
    SampleStore store;
    auto const size = static_cast<std::streamoff>(fs::file_size(exported.file));
    int refused = 0;
    int const tries = 60;
    for (int i = 0; i < tries; ++i) {
        auto const at = size / tries * i + i * 37 % 4096;
        CAPTURE(at);
        flip_byte(exported.file, at);
        if (refusal(store, exported.file).empty()) {
            store->restore_snapshot("imported");
            CHECK(store.content(exported.large.archive_pk, {0, several_chunks.size() - 1}) == several_chunks);
            store->reset();
            store->remove_snapshot("imported");
        } else {
            ++refused;
        }
        flip_byte(exported.file, at);
    }
    CHECK(refused > tries / 2);
    check_untouched(store);
}

TEST_CASE("a snapshot that a newer firn, or no firn, has made is refused") {
    Exported exported;
    SampleStore store;
    auto const snapshot = exported.store.path() / "states" / "s.db";
    std::string expected;
    SUBCASE("newer") {
        change_database(snapshot, "PRAGMA user_version = 9876");
        expected = "9876";
    }
    SUBCASE("with code in it") {
        change_database(snapshot, "CREATE TRIGGER t AFTER INSERT ON vaults BEGIN DELETE FROM archives; END");
        expected = "does not hold a database of firn";
    }
    SUBCASE("with a table less") {
        change_database(snapshot, "DROP TABLE settings");
        expected = "does not hold a database of firn";
    }
    SUBCASE("with a column more") {
        change_database(snapshot, "ALTER TABLE vaults ADD COLUMN x AS (1)");
        expected = "does not hold a database of firn";
    }
    SUBCASE("with a time beyond all") {
        change_database(snapshot, "UPDATE vaults SET created_at = -9223372036854775808");
        expected = "not a valid time";
    }
    SUBCASE("with a page that SQLite cannot read") {
        flip_byte(snapshot, 2 * 4096);
        expected = "damaged";
    }
    SUBCASE("with a path in it") {
        change_database(snapshot,
                        "UPDATE blobs SET file = '../../etc/passwd/aaaaaaaa' WHERE file IS NOT NULL");
        // It cannot be exported: made by hand.
        expected = "not one of firn's";
        Connection connection(snapshot, Connection::Immutable());
        std::ifstream stream(snapshot, std::ios::binary);
        std::string const bytes((std::istreambuf_iterator<char>(stream)), {});
        ContentHash hash;
        hash.update(bytes_of(bytes));
        auto const tree = hash.finish().tree;
        Connection target(exported.file, false);
        target.execute("DELETE FROM chunks; DELETE FROM files");
        target.query("INSERT INTO files VALUES ('firn.db', ?1, ?2)")
            .bind(std::uint64_t{bytes.size()}, tree)
            .run();
        target.query("INSERT INTO chunks VALUES ('firn.db', 0, ?1)").bind(bytes_of(bytes)).run();
    }
    if (expected != "not one of firn's") exported.store->export_snapshot("s", exported.file);
    CHECK(refusal(store, exported.file).find(expected) != std::string::npos);
    check_untouched(store);
}
