// The whole store under a name, and back.
#include "storage/snapshots/snapshots.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "storage/sqlite/schema.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t larger_than_inline = inline_size_bytes_max + 1;

std::string all_of(SampleStore& store, Archive const& archive) {
    return store.content(archive.archive_pk, {0, archive.size_bytes - 1});
}

// Background work is done in order: when this file is gone, so is all that was asked for before.
void finish_background_work(SampleStore& store) {
    auto const last = store.stage(pattern(larger_than_inline));
    auto& blobs = store->read()->blobs();
    blobs.remove(0, {last->file_name()});
    REQUIRE(eventually([&] {
        try {
            return !blobs.open(last->file_name());
        } catch (std::system_error const&) {
            return true;
        }
    }));
}

}  // namespace

TEST_CASE("restoring a snapshot brings the old world back, with bytes that were deleted meanwhile") {
    TemporaryDirectory const directory;
    std::optional<SampleStore> store;
    SUBCASE("on disk") {
        store.emplace(DataDirectory::at(directory.path()));
    }
    SUBCASE("in memory") {
        store.emplace();
    }
    auto const vault = store->add_vault().vault_pk;
    auto const small = store->add_archive(vault, "small");
    auto const large = store->add_archive(vault, pattern(larger_than_inline));
    (*store)->save_snapshot("before", "a note");
    store->delete_archive(small);
    store->delete_archive(large);
    store->add_vault("later");
    auto const orphan = store->add_archive(vault, pattern(larger_than_inline + 1));
    finish_background_work(*store);
    CHECK(store->file_count() == 2);

    for (int i = 0; i < 2; ++i) {
        CAPTURE(i);
        (*store)->restore_snapshot("before");
        CHECK_FALSE((*store)->read()->find_vault(own, "later"));
        CHECK_FALSE((*store)->read()->find_archive(own, orphan.archive_id));
        CHECK((*store)->read()->find_vault(own, "v")->contents.archive_count == 2);
        CHECK(all_of(*store, small) == "small");
        CHECK(all_of(*store, large) == pattern(larger_than_inline));
        // The files that only the previous state named are removed too.
        CHECK(eventually([&] { return store->file_count() == 1; }));
        store->delete_archive(large);
        store->add_vault("later");
    }
}

TEST_CASE("a store that is opened again has its snapshots") {
    TemporaryDirectory const directory;
    Archive archive;
    {
        SampleStore store(DataDirectory::at(directory.path()));
        archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
        store->save_snapshot("kept");
        store.delete_archive(archive);
    }
    SampleStore store(DataDirectory::at(directory.path()));
    finish_background_work(store);
    CHECK(all_of(store, archive).empty());
    store->restore_snapshot("kept");
    CHECK(all_of(store, archive) == pattern(larger_than_inline));
}

TEST_CASE("what was restored is there after the store is opened again, and no log beside it") {
    TemporaryDirectory const directory;
    {
        SampleStore store(DataDirectory::at(directory.path()));
        store.add_vault("old");
        store->save_snapshot("s");
        store.add_vault("new");
        store->restore_snapshot("s");
        store.add_vault("newer");
    }
    CHECK_FALSE(fs::exists(directory.path() / "firn.db-wal"));
    SampleStore store(DataDirectory::at(directory.path()));
    CHECK(store->read()->find_vault(own, "old"));
    CHECK_FALSE(store->read()->find_vault(own, "new"));
    CHECK(store->read()->find_vault(own, "newer"));
}

TEST_CASE("states are listed by name with their notes, and saved again under the same name") {
    SampleStore store;
    CHECK(store->snapshots().empty());
    store->save_snapshot("b", "first");
    store->save_snapshot("a.B_c-9");
    store.add_vault();
    store->save_snapshot("b", "second");
    auto const snapshots = store->snapshots();
    REQUIRE(snapshots.size() == 2);
    CHECK(snapshots[0].name == "a.B_c-9");
    CHECK(snapshots[0].note.empty());
    CHECK(snapshots[1].name == "b");
    CHECK(snapshots[1].note == "second");
    CHECK(snapshots[1].size_bytes == fs::file_size(store.path() / "states" / "b.db"));
    store->reset();
    store->restore_snapshot("b");
    CHECK(store->read()->find_vault(own, "v"));
    CHECK(count_files(store.path() / "states") == 2);
    CHECK(count_files(store.path() / "incoming") == 0);
}

TEST_CASE("what is no name of a snapshot is refused, and nothing is touched") {
    SampleStore store;
    std::string const names[] = {"",     ".",   "..",       ".a",        "a/b",
                                 "../a", "a b", "\xc3\xa4", {"a\0b", 3}, std::string(65, 'a')};
    for (auto const& name : names) {
        CAPTURE(name);
        CHECK_THROWS_AS(store->save_snapshot(name), std::invalid_argument);
        CHECK_THROWS_AS(store->restore_snapshot(name), std::invalid_argument);
        CHECK_THROWS_AS(store->remove_snapshot(name), std::invalid_argument);
        CHECK_THROWS_AS(store->export_snapshot(name, store.path() / "x"), std::invalid_argument);
        CHECK_THROWS_AS(store->import_snapshot(name, store.path() / "x"), std::invalid_argument);
    }
    CHECK(count_files(store.path() / "states") == 0);
    CHECK_NOTHROW(store->save_snapshot(std::string(64, 'a')));
}

TEST_CASE("a snapshot that does not exist is said to be missing") {
    SampleStore store;
    store.add_vault();
    CHECK_THROWS_AS(store->restore_snapshot("none"), UnknownSnapshot);
    CHECK_THROWS_AS(store->remove_snapshot("none"), UnknownSnapshot);
    CHECK_THROWS_AS(store->export_snapshot("none", store.path() / "x"), UnknownSnapshot);
    CHECK(store->read()->find_vault(own, "v"));
    CHECK(count_files(store.path() / "incoming") == 0);
}

TEST_CASE("a reset leaves nothing but the settings that it is told to keep") {
    SampleStore store;
    store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    store->write_and_wait([](Transaction& transaction) {
        transaction.set_setting("other", "x");
        transaction.set_setting("seed", "s");
    });
    store->reset({.kept_settings = {"seed", "unset"}});
    CHECK_FALSE(store->read()->find_vault(own, "v"));
    CHECK(store->read()->setting("seed") == "s");
    CHECK_FALSE(store->read()->setting("other"));
    CHECK(eventually([&] { return store.file_count() == 0; }));
    store.add_vault();
    CHECK(store->read()->count_vaults(own) == 1);
}

TEST_CASE("a reset may begin with something, and changes nothing when that fails") {
    SampleStore store;
    auto const before = store.add_vault("before").vault_pk;
    auto blob = store.stage(pattern(larger_than_inline));
    bool fails = false;
    auto const fill = [&](Transaction& transaction) {
        Archive archive;
        archive.vault_pk = transaction.next_number();
        archive.archive_pk = transaction.next_number();
        archive.archive_id = "id";
        archive.size_bytes = blob->size_bytes();
        transaction.create_vault(vault_of(archive.vault_pk, "new"));
        transaction.add_archive(archive, std::exchange(blob, nullptr), at(1));
        if (fails) throw std::runtime_error("no luck");
    };
    SUBCASE("it works, with keys that nobody had") {
        store->reset({.keeps_counter = true}, fill);
        CHECK(store->read()->find_vault(own, "new")->vault_pk > before);
    }
    SUBCASE("it works, with the first keys") {
        store->reset({}, fill);
        CHECK(store->read()->find_vault(own, "new")->vault_pk == 1);
    }
    SUBCASE("it fails") {
        fails = true;
        CHECK_THROWS_WITH(store->reset({}, fill), "no luck");
        CHECK_FALSE(store->read()->find_vault(own, "new"));
        CHECK(eventually([&] { return store.file_count() == 0; }));
    }
    finish_background_work(store);
    CHECK(store.file_count() == (fails ? 0 : 1));
    CHECK(store->read()->find_vault(own, "before").has_value() == fails);
}

TEST_CASE("bytes stay as long as a snapshot names them, and go with the last one") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    store->save_snapshot("one");
    store->save_snapshot("two");
    store.delete_archive(archive);
    store->remove_snapshot("one");
    finish_background_work(store);
    CHECK(store.file_count() == 1);
    SUBCASE("removed") {
        store->remove_snapshot("two");
    }
    SUBCASE("replaced") {
        store->save_snapshot("two");
    }
    CHECK(eventually([&] { return store.file_count() == 0; }));
}

TEST_CASE("a removal that waits for a download spares what a restore has brought back") {
    SampleStore store;
    auto const archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    store->save_snapshot("s");
    std::optional<BlobDirectory::Pin> pin(std::in_place, store->read()->blobs(), archive.archive_pk);
    store.delete_archive(archive);
    store->restore_snapshot("s");
    store->remove_snapshot("s");
    pin.reset();
    finish_background_work(store);
    CHECK(all_of(store, archive) == pattern(larger_than_inline));
}

TEST_CASE("a download goes on over a restore, and its bytes go when it ends") {
    SampleStore store;
    store->save_snapshot("empty");
    auto const archive = store.add_archive(store.add_vault().vault_pk, pattern(larger_than_inline));
    std::optional<BlobDirectory::Pin> pin(std::in_place, store->read()->blobs(), archive.archive_pk);
    store->restore_snapshot("empty");
    finish_background_work(store);
    CHECK(store.file_count() == 1);
    pin.reset();
    CHECK(eventually([&] { return store.file_count() == 0; }));
}

TEST_CASE("an upload that is under way ends up in the restored world") {
    SampleStore store;
    auto const vault = store.add_vault().vault_pk;
    store->save_snapshot("s");
    auto const blob = store.stage(pattern(larger_than_inline));
    store->restore_snapshot("s");
    finish_background_work(store);
    Archive archive;
    archive.vault_pk = vault;
    archive.archive_id = "id";
    archive.size_bytes = blob->size_bytes();
    store->write_and_wait([&](Transaction& transaction) {
        archive.archive_pk = transaction.next_number();
        transaction.add_archive(archive, blob, at(1));
    });
    CHECK(all_of(store, archive) == pattern(larger_than_inline));
}

TEST_CASE("a restored world gives the same keys again") {
    SampleStore store;
    store->save_snapshot("s");
    auto const first = store.add_vault("first").vault_pk;
    store->restore_snapshot("s");
    CHECK(store.add_vault("again").vault_pk == first);
    store->reset();
    CHECK(store.add_vault("anew").vault_pk == 1);
}

TEST_CASE("keys go on from the higher counter when it is kept, also over the snapshot of another store") {
    SampleStore other;
    other.add_vault("a");
    other.add_vault("b");
    auto const last = other.add_vault("c").vault_pk;
    other->save_snapshot("s");
    other->export_snapshot("s", other.path() / "s.firn");

    SampleStore store;
    store->import_snapshot("s", other.path() / "s.firn");
    store->restore_snapshot("s", {.keeps_counter = true});
    auto const next = store.add_vault("d").vault_pk;
    CHECK(next > last);
    store->restore_snapshot("s", {.keeps_counter = true});
    CHECK(store.add_vault("d").vault_pk > next);
    store->reset({.keeps_counter = true});
    CHECK(store.add_vault("d").vault_pk > next + 1);
}

TEST_CASE("a restore keeps the settings that it is told to keep, and no write comes before that") {
    SampleStore store;
    store->write_and_wait(
        [](Transaction& transaction) { transaction.set_setting("seed", "of the snapshot"); });
    store->save_snapshot("s");
    store->write_and_wait([](Transaction& transaction) { transaction.set_setting("seed", "own"); });
    std::optional<std::string> seen;
    store->restore_snapshot(
        "s", {.kept_settings = {"seed"}, .switched = [&] { seen = store->read()->setting("seed"); }});
    CHECK(seen == "own");
}

TEST_CASE("the due listener is told to look again") {
    SampleStore store;
    store->save_snapshot("s");
    std::vector<Time> due;
    store->set_due_listener([&](Time time) { due.push_back(time); });
    store->restore_snapshot("s");
    store->reset();
    CHECK(due == std::vector{Time::min(), Time::min()});
}

TEST_CASE("a snapshot of an earlier version is brought to the newest one when it is restored") {
    SampleStore store;
    store->save_snapshot("old");
    auto const path = store.path() / "states" / "old.db";
    fs::remove(path);
    {
        Connection old(path, false);
        old.execute(std::string(migrations[0].text).c_str());
        old.execute("PRAGMA user_version = 1");
        old.execute("INSERT INTO settings VALUES ('seed', 'old')");
    }
    store->restore_snapshot("old");
    CHECK(store->read()->setting("seed") == "old");
    store.add_synthetic_archive(store.add_vault().vault_pk, 1, 100);
}

TEST_CASE("a snapshot of a newer version is refused, and nothing is changed") {
    SampleStore store;
    store.add_vault();
    store->save_snapshot("newer");
    Connection(store.path() / "states" / "newer.db", false).execute("PRAGMA user_version = 9876");
    CHECK_THROWS_WITH_AS(store->restore_snapshot("newer"), doctest::Contains("9876"), OpenError);
    CHECK(store->read()->find_vault(own, "v"));
    CHECK(count_files(store.path() / "incoming") == 0);
}

TEST_CASE("reads and writes from other threads go on while the world changes under them") {
    TemporaryDirectory const directory;
    std::optional<SampleStore> store;
    int restores = 50;
    SUBCASE("in memory") {
        store.emplace();
    }
    SUBCASE("on disk") {
        store.emplace(DataDirectory::at(directory.path()));
        restores = 10;
    }
    auto const vault = store->add_vault().vault_pk;
    auto const kept = store->add_archive(vault, pattern(larger_than_inline));
    (*store)->save_snapshot("s");
    std::atomic<bool> stop = false;
    std::atomic<int> errors = 0;
    std::atomic<int> rounds = 0;
    auto const repeat = [&](auto const& work) {
        return std::thread([&errors, &stop, &rounds, work] {
            while (!stop) {
                try {
                    work();
                    ++rounds;
                } catch (std::exception const& error) {
                    ++errors;
                    MESSAGE(std::string(error.what()));
                }
            }
        });
    };
    auto const check_kept = [&] {
        auto const reading = (*store)->read();
        if (!reading->find_vault(own, "v")) ++errors;
        auto reader = reading->open_content(kept.archive_pk, {0, kept.size_bytes - 1});
        if (read_all(reader).size() != kept.size_bytes) ++errors;
    };
    auto const add_and_delete = [&] {
        auto const archive = store->add_archive(vault, pattern(larger_than_inline));
        store->delete_archive(archive);
    };
    std::thread threads[] = {repeat(check_kept), repeat(check_kept), repeat(add_and_delete),
                             repeat(add_and_delete)};
    // Joins the threads also when it throws.
    auto const restore_all = [&] {
        for (int i = 0; i < restores; ++i) {
            (*store)->restore_snapshot("s");
            if (i % 10 == 5) (*store)->save_snapshot("other");
        }
    };
    CHECK_NOTHROW(restore_all());
    // On a busy machine the restores may be over before the threads have done so much.
    CHECK(eventually([&] { return rounds > restores; }));
    stop = true;
    for (auto& thread : threads) thread.join();
    CHECK(errors == 0);
    (*store)->remove_snapshot("other");
    (*store)->restore_snapshot("s");
    CHECK(eventually([&] { return store->file_count() == 1; }));
    CHECK(all_of(*store, kept) == pattern(larger_than_inline));
}
