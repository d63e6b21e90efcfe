// Opening, writing and reading; vaults, archives and their bytes.
#include "storage/store.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <stdexcept>

#include "storage/sqlite/schema.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t larger_than_inline = inline_size_bytes_max + 1;

// What opening a store there says; empty when it opens.
std::string refusal_to_open(fs::path const& path) {
    try {
        Store const store(DataDirectory::at(path));
        return "";
    } catch (OpenError const& error) {
        return error.what();
    }
}

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != text.npos;
}

std::size_t piece_count(SampleStore& store, std::int64_t owner_pk, ByteRange range) {
    auto reader = store->read()->open_content(owner_pk, range);
    std::size_t count = 0;
    while (reader.next()) ++count;
    return count;
}

void create_vault(Transaction& transaction, std::string const& name) {
    Vault vault;
    vault.vault_pk = transaction.next_number();
    vault.owner = own;
    vault.name = name;
    transaction.create_vault(vault);
}

}  // namespace

TEST_CASE("a write that throws is undone alone, and its neighbours in the same commit stay") {
    SampleStore store;
    auto blob = store.stage(pattern(larger_than_inline));
    std::promise<void> held;
    std::promise<void> gate;
    std::string errors;
    bool together = false;
    auto const note = [&](char const* name) {
        return [&errors, name](std::exception_ptr error) { errors += name + std::string(error ? "!" : " "); };
    };
    // Holds the writer, so that the rest waits for one batch.
    auto const hold = [&](Transaction&) {
        held.set_value();
        gate.get_future().wait();
    };
    store->write(hold, note("gate"));
    held.get_future().wait();
    store->write([](Transaction& transaction) { create_vault(transaction, "first"); },
                 [&](std::exception_ptr) { together = store->read()->find_vault(own, "last").has_value(); });
    store->write(
        [blob](Transaction& transaction) {
            create_vault(transaction, "broken");
            Archive archive;
            archive.archive_pk = transaction.next_number();
            archive.archive_id = "id";
            transaction.add_archive(archive, blob, at(1));
            throw std::runtime_error("no");
        },
        note("broken"));
    blob.reset();
    store->write([](Transaction& transaction) { create_vault(transaction, "last"); }, note("last"));
    gate.set_value();
    store->write_and_wait([](Transaction&) {});

    CHECK(errors == "gate broken!last ");
    CHECK(together);
    CHECK(store->read()->find_vault(own, "first"));
    CHECK_FALSE(store->read()->find_vault(own, "broken"));
    CHECK_FALSE(store->read()->find_archive(own, "id"));
    CHECK(eventually([&] { return store.file_count() == 0; }));
}

TEST_CASE("a waiting writer is told what its own work threw") {
    SampleStore store;
    CHECK_THROWS_WITH_AS(store->write_and_wait([](Transaction&) { throw std::runtime_error("mine"); }),
                         "mine", std::runtime_error);
}

TEST_CASE("a store that is opened again shows what was committed") {
    TemporaryDirectory const directory;
    auto const content = pattern(larger_than_inline);
    Archive archive;
    {
        SampleStore store(DataDirectory::at(directory.path()));
        archive = store.add_archive(store.add_vault().vault_pk, content);
        store->write_and_wait([](Transaction& transaction) { transaction.set_setting("seed", "s"); });
    }
    SampleStore store(DataDirectory::at(directory.path()));
    CHECK(store->read()->setting("seed") == "s");
    CHECK(store->read()->find_vault(own, "v")->contents.archive_bytes == content.size());
    CHECK(store->read()->find_archive(own, archive.archive_id)->tree_hash == archive.tree_hash);
    CHECK(store.content(archive.archive_pk, {0, content.size() - 1}) == content);
}

TEST_CASE("opening removes files that no row names and keeps those that one does") {
    TemporaryDirectory const directory;
    auto const content = pattern(larger_than_inline);
    Archive archive;
    {
        SampleStore store(DataDirectory::at(directory.path()));
        archive = store.add_archive(store.add_vault().vault_pk, content);
    }
    fs::create_directories(directory.path() / "blobs" / "ab");
    std::ofstream(directory.path() / "blobs" / "ab" / "00000000000000000000ab")
        << "published, then the power went";
    SampleStore store(DataDirectory::at(directory.path()));
    CHECK(eventually([&] { return store.file_count() == 1; }));
    CHECK(store.content(archive.archive_pk, {0, content.size() - 1}) == content);
}

TEST_CASE("a database of a newer schema is refused, naming both versions") {
    TemporaryDirectory const directory;
    CHECK(refusal_to_open(directory.path()).empty());
    Connection(directory.path() / "firn.db", true).execute("PRAGMA user_version = 9876");
    auto const refusal = refusal_to_open(directory.path());
    CAPTURE(refusal);
    CHECK(contains(refusal, "9876"));
    CHECK(contains(refusal, "knows " + std::to_string(migrations.size())));
}

TEST_CASE("a directory belongs to one store at a time") {
    TemporaryDirectory const directory;
    {
        SampleStore const store(DataDirectory::at(directory.path()));
        CHECK(contains(refusal_to_open(directory.path()), "in use"));
    }
    CHECK(refusal_to_open(directory.path()).empty());
}

TEST_CASE("what cannot be opened is refused with the reason") {
    TemporaryDirectory const directory;
    SUBCASE("a path below a regular file") {
        std::ofstream(directory.path() / "file") << "x";
        CHECK(contains(refusal_to_open(directory.path() / "file" / "data"), "file/data cannot be used"));
    }
    SUBCASE("a database that is none") {
        std::ofstream(directory.path() / "firn.db") << std::string(4096, 'x');
        CHECK(contains(refusal_to_open(directory.path()), "the database cannot be opened"));
    }
}

TEST_CASE("a store in memory leaves nothing behind") {
    fs::path path;
    {
        SampleStore store;
        store.add_vault();
        path = store.path();
        CHECK(fs::exists(path / "firn.db"));
    }
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a reading does not see what is written after it first looked") {
    SampleStore store;
    auto const reading = store->read();
    CHECK(reading->count_vaults(own) == 0);
    store.add_vault();
    CHECK(reading->count_vaults(own) == 0);
    CHECK(store->read()->count_vaults(own) == 1);
}

TEST_CASE("a reading sees every write before it, also after readings that saw none, or ended late") {
    SampleStore store;
    auto const number = [&] { return store->read()->count_vaults(own); };
    auto const create = [&](std::string const& name) {
        store->write_and_wait([&](Transaction& transaction) { create_vault(transaction, name); });
    };
    auto const before = number();
    CHECK(number() == before);
    create("first");
    CHECK(number() == before + 1);
    {
        // Both look before the second vault is there and end when it is.
        auto const early = store->read();
        auto const other = store->read();
        CHECK(early->count_vaults(own) == before + 1);
        CHECK(other->count_vaults(own) == before + 1);
        create("second");
        CHECK(early->count_vaults(own) == before + 1);
        CHECK(number() == before + 2);
    }
    CHECK(number() == before + 2);
    {
        // This one begins and ends while the writer is at work.
        std::promise<void> done;
        store->write(
            [&](Transaction& transaction) {
                create_vault(transaction, "third");
                CHECK(number() == before + 2);
            },
            [&](std::exception_ptr) { done.set_value(); });
        done.get_future().wait();
    }
    CHECK(number() == before + 3);
}

TEST_CASE("vaults are listed in byte order from a name on, those of their owner alone") {
    SampleStore store;
    for (auto const* const name : {"b", "B", "a", "b.1", "b-1"}) store.add_vault(name);
    store.add_vault("c", {own.account, "eu-west-1"});
    store.add_vault("c", {"999999999999", own.region});
    auto const names = [&](std::string_view from, std::size_t limit) {
        std::string text;
        for (auto const& vault : store->read()->list_vaults(own, from, limit)) text += vault.name + " ";
        return text;
    };
    CHECK(names("", 10) == "B a b b-1 b.1 ");
    CHECK(names("b", 2) == "b b-1 ");
    CHECK(names("c", 10).empty());
    CHECK(store->read()->count_vaults(own) == 5);
}

TEST_CASE("an archive is invisible to another account and to another region") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, "x");
    auto const reading = store->read();
    CHECK(reading->find_archive(own, archive.archive_id)->archive_pk == archive.archive_pk);
    CHECK_FALSE(reading->find_archive({"999999999999", own.region}, archive.archive_id));
    CHECK_FALSE(reading->find_archive({own.account, "eu-west-1"}, archive.archive_id));
}

TEST_CASE("a range of an archive in several blobs is cut at their borders") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, "0123").archive_pk;
    store.add_part(archive, 4, "4567");
    store.add_part(archive, 8, "89");
    std::string const whole = "0123456789";
    for (std::uint64_t first = 0; first < whole.size(); ++first) {
        for (auto last = first; last < whole.size(); ++last) {
            CAPTURE(first);
            CAPTURE(last);
            CHECK(store.content(archive, {first, last}) == whole.substr(first, last - first + 1));
        }
    }
    CHECK(piece_count(store, archive, {4, 7}) == 1);
    CHECK(piece_count(store, archive, {3, 8}) == 3);
}

TEST_CASE("a range of an archive in a file begins and ends where it says") {
    SampleStore store;
    auto const content = pattern(2 * mib + 1);
    auto const archive = store.add_archive(store.add_vault().vault_pk, content).archive_pk;
    for (ByteRange const range :
         {ByteRange{0, 0}, {2 * mib, 2 * mib}, {mib - 1, mib}, {0, 2 * mib}, {5, 70'000}}) {
        CAPTURE(range.first);
        CHECK(store.content(archive, range) == content.substr(range.first, range.size_bytes()));
    }
}

TEST_CASE("a vault goes with its jobs and archives, and leaves another's alone") {
    SampleStore store;
    auto const vault = store.add_vault("v");
    auto const kept = store.add_archive(store.add_vault("other").vault_pk, pattern(larger_than_inline));
    auto const archive = store.add_archive(vault.vault_pk, pattern(larger_than_inline));
    auto const job = store.add_archive_job(archive);
    store.complete(job);
    store.delete_archive(archive);
    store.complete(store.add_inventory_job(vault.vault_pk), 100, pattern(larger_than_inline));
    CHECK(store.file_count() == 3);
    store->write_and_wait([&](Transaction& transaction) { transaction.delete_vault(vault.vault_pk); });
    CHECK_FALSE(store->read()->find_vault(own, "v"));
    CHECK_FALSE(store->read()->find_archive(own, archive.archive_id));
    CHECK_FALSE(store->read()->job(job.job_pk));
    CHECK(eventually([&] { return store.file_count() == 1; }));
    CHECK(store.content(kept.archive_pk, {0, kept.size_bytes - 1}).size() == kept.size_bytes);
}

TEST_CASE("a vault with many archives is gone at once, and its archives soon") {
    SampleStore store;
    auto const vault = store.add_vault();
    auto const kept = store.add_archive(store.add_vault("kept").vault_pk, "kept");
    store.add_archive(vault.vault_pk, pattern(larger_than_inline));
    store->write_and_wait([&](Transaction& transaction) {
        for (int i = 0; i < 2000; ++i) {
            Archive archive;
            archive.vault_pk = vault.vault_pk;
            archive.archive_pk = archive.created_number = transaction.next_number();
            archive.archive_id = std::to_string(archive.archive_pk);
            archive.size_bytes = 1;
            transaction.add_synthetic_archive(archive, archive.archive_pk, at(1));
        }
    });
    auto const rest = [&] { return store->read()->keys_without_vault(); };
    SUBCASE("unless a restore brings the vault back in the meantime") {
        store->save_snapshot("s");
        store->write_and_wait([&](Transaction& transaction) { transaction.delete_vault(vault.vault_pk); });
        store->restore_snapshot("s");
        store.add_vault("later");
        int count = 0;
        store->read()->visit_archives(vault.vault_pk, {}, {}, [&](Archive const&) { return ++count > 0; });
        CHECK(count == 2001);
        return;
    }
    SUBCASE("in pieces between which others write") {
        store->write_and_wait([&](Transaction& transaction) { transaction.delete_vault(vault.vault_pk); });
        CHECK_FALSE(store->read()->vault(vault.vault_pk));
        store.add_vault();
    }
    SUBCASE("also when only the vault was deleted before the end") {
        store->write_and_wait([&](Transaction& transaction) { transaction.delete_vault(vault.vault_pk); });
        store->save_snapshot("s");
        store->restore_snapshot("s");
    }
    CHECK(eventually([&] { return rest().empty() && store.file_count() == 0; }));
    CHECK(store->read()->archive(kept.archive_pk));
}

TEST_CASE(
    "archives without a vault are invisible, and removed at the next start unless a vault adopts them") {
    TemporaryDirectory directory;
    std::int64_t key = 0;
    Archive archive;
    {
        SampleStore store(DataDirectory::at(directory.path()));
        store->write_and_wait([&](Transaction& transaction) { key = transaction.next_number(); });
        archive = store.add_archive(key, pattern(larger_than_inline));
        CHECK_FALSE(store->read()->find_archive(own, archive.archive_id));
        SUBCASE("by the vault that gets their key") {
            store->write_and_wait([&](Transaction& transaction) {
                transaction.create_vault(vault_of(key, "v"));
                transaction.adopt_archives(key, key, {1, archive.size_bytes}, at(5), at(9));
            });
        }
        SUBCASE("by another vault") {
            auto const vault = store.add_vault();
            store.take_inventory(vault.vault_pk, at(3));
            store->write_and_wait([&](Transaction& transaction) {
                transaction.adopt_archives(vault.vault_pk, key, {1, archive.size_bytes}, at(5), at(9));
            });
            auto const taken = store->read()->vault(vault.vault_pk)->inventory;
            store->read()->visit_archives(vault.vault_pk, {}, taken->number, [](Archive const&) {
                FAIL("the inventory was taken before");
                return false;
            });
        }
        SUBCASE("by none") {}
    }
    SampleStore store(DataDirectory::at(directory.path()));
    if (auto const vault = store->read()->find_vault(own, "v")) {
        CHECK(vault->contents.archive_count == 1);
        CHECK(vault->contents.archive_bytes == archive.size_bytes);
        CHECK(vault->written_at == at(5));
        CHECK(vault->inventory_due_at == at(9));
        CHECK(store->read()->find_archive(own, archive.archive_id));
        auto const range = ByteRange{0, archive.size_bytes - 1};
        CHECK(store.content(archive.archive_pk, range) == pattern(larger_than_inline));
    } else {
        CHECK(eventually([&] { return store.file_count() == 0; }));
        CHECK_FALSE(store->read()->archive(archive.archive_pk));
    }
}

TEST_CASE("parts of an upload go with the vault") {
    SampleStore store;
    auto const vault = store.add_vault();
    Upload upload;
    upload.vault_pk = vault.vault_pk;
    upload.upload_id = "u";
    auto const part = store.stage(pattern(larger_than_inline));
    store->write_and_wait([&](Transaction& transaction) {
        upload.upload_pk = transaction.next_number();
        transaction.add_upload(upload);
        transaction.put_part(upload, 0, part, at(1));
    });
    store->write_and_wait([&](Transaction& transaction) { transaction.delete_vault(vault.vault_pk); });
    CHECK(store->read()->blob_totals().file_count == 0);
}

TEST_CASE("blob files and the bytes in them are counted, small archives are not") {
    SampleStore store;
    auto const vault = store.add_vault().vault_pk;
    store.add_archive(vault, "small");
    store.add_archive(vault, pattern(larger_than_inline));
    auto const deleted = store.add_archive(vault, pattern(larger_than_inline));
    auto totals = store->read()->blob_totals();
    CHECK(totals.file_count == 2);
    CHECK(totals.file_bytes == 2 * larger_than_inline);
    store.delete_archive(deleted);
    totals = store->read()->blob_totals();
    CHECK(totals.file_count == 1);
    CHECK(totals.file_bytes == larger_than_inline);
}

TEST_CASE("the writer tells how much it did") {
    SampleStore store;
    store.add_vault();
    CHECK_THROWS(store->write_and_wait([](Transaction&) { throw std::runtime_error("no"); }));
    auto const figures = store->writer_figures();
    CHECK(figures.queue_length == 0);
    CHECK(figures.commits == 2);
    CHECK(figures.pieces_written == 1);
}

TEST_CASE("a synthetic archive is kept as its tag, and read and hashed in ranges like any other") {
    SampleStore store;
    std::uint64_t const size = 5 * mib + 100;
    auto const archive = store.add_synthetic_archive(store.add_vault().vault_pk, 42, size);
    auto const whole = store.content(archive.archive_pk, {0, size - 1});
    REQUIRE(whole.size() == size);
    for (ByteRange const range :
         {ByteRange{0, 0}, {mib - 3, mib + 3}, {4 * mib, size - 1}, {size - 1, size - 1}}) {
        CAPTURE(range.first);
        CHECK(store.content(archive.archive_pk, range) == whole.substr(range.first, range.size_bytes()));
    }
    for (ByteRange const range : {ByteRange{0, 4 * mib - 1}, {2 * mib, 4 * mib - 1}, {4 * mib, size - 1}}) {
        CAPTURE(range.first);
        ContentHash hash;
        hash.update(bytes_of(whole).subspan(range.first, range.size_bytes()));
        CHECK(store->read()->range_tree_hash(archive.archive_pk, range) == hash.finish().tree);
    }
    CHECK(store->read()->range_tree_hash(archive.archive_pk, {0, size - 1}) == archive.tree_hash);
    CHECK(store.file_count() == 0);
    store.delete_archive(archive);
    CHECK(store.content(archive.archive_pk, {0, size - 1}).empty());
}
