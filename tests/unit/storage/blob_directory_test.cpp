// The files of blobs, and blobs that are being stored.
#include "storage/blobs/blob_directory.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

#include "storage/blobs/staged_blob.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using firn::test::bytes_of;
using firn::test::count_files;
using firn::test::eventually;
using firn::test::publish;
using firn::test::TemporaryDirectory;

namespace {

std::string content_of(BlobDirectory& blobs, std::string const& name, std::uint64_t size_bytes) {
    BlobReader reader(blobs, 0, {{name, "", 0, size_bytes}});
    return firn::test::read_all(reader);
}

bool exists(BlobDirectory const& blobs, std::string const& name) {
    try {
        return static_cast<bool>(blobs.open(name));
    } catch (std::system_error const&) {
        return false;
    }
}

// Background work is done in order: when this file is gone, so is all that was asked for before.
void finish_background_work(BlobDirectory& blobs) {
    auto const last = publish(blobs, "last");
    blobs.remove(0, {last});
    REQUIRE(eventually([&] { return !exists(blobs, last); }));
}

std::unique_ptr<StagedBlob> stage(BlobDirectory& blobs, std::string_view content,
                                  std::uint64_t expected_size = 0) {
    auto blob = std::make_unique<StagedBlob>(blobs, expected_size);
    blob->write(bytes_of(content));
    return blob;
}

}  // namespace

TEST_CASE("a file has its name only once it is published, and leaves nothing behind where it was written") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), true);
    auto const name = blobs.new_name();
    auto file = blobs.create_incoming(name);
    file.write_all(bytes_of("hello"));
    CHECK_FALSE(exists(blobs, name));
    blobs.publish(file, name);
    CHECK(content_of(blobs, name, 5) == "hello");
    CHECK(count_files(directory.path() / "incoming") == 0);
}

TEST_CASE("no name is given twice, not even by a later run") {
    TemporaryDirectory const directory;
    std::set<std::string> names;
    for (int run = 0; run < 3; ++run) {
        BlobDirectory blobs(directory.path(), false);
        for (int i = 0; i < 300; ++i) names.insert(blobs.new_name());
    }
    CHECK(names.size() == 900);
}

TEST_CASE("a removed file goes, its neighbours stay") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const first = publish(blobs, "1");
    auto const second = publish(blobs, "2");
    auto const third = publish(blobs, "3");
    blobs.remove(1, {first, third});
    CHECK(eventually([&] { return !exists(blobs, first) && !exists(blobs, third); }));
    CHECK(exists(blobs, second));
}

TEST_CASE("removals that were asked for are done before the directory closes") {
    TemporaryDirectory const directory;
    {
        BlobDirectory blobs(directory.path(), false);
        for (int i = 0; i < 100; ++i) blobs.remove(1, {publish(blobs, "x")});
    }
    CHECK(count_files(directory.path()) == 0);
}

TEST_CASE("files of a pinned owner stay until the last pin is released") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const name = publish(blobs, "x");
    std::optional<BlobDirectory::Pin> first(std::in_place, blobs, 7);
    std::optional<BlobDirectory::Pin> second(std::in_place, blobs, 7);
    blobs.remove(7, {name});
    finish_background_work(blobs);
    CHECK(exists(blobs, name));
    first.reset();
    finish_background_work(blobs);
    CHECK(exists(blobs, name));
    second.reset();
    CHECK(eventually([&] { return !exists(blobs, name); }));
}

TEST_CASE("a pin holds no other owner's files") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const name = publish(blobs, "x");
    BlobDirectory::Pin const pin(blobs, 7);
    blobs.remove(8, {name});
    CHECK(eventually([&] { return !exists(blobs, name); }));
}

TEST_CASE("a sweep removes what nobody knows, and nothing else") {
    TemporaryDirectory const directory;
    std::string known;
    std::string unknown;
    {
        BlobDirectory earlier(directory.path(), false);
        known = publish(earlier, "known");
        unknown = publish(earlier, "unknown");
    }
    BlobDirectory blobs(directory.path(), false, [&](std::string const& name) { return name == known; });
    auto const unreleased = publish(blobs, "not in a row yet");
    auto const released = publish(blobs, "nor this one");
    blobs.release(released);
    blobs.sweep();
    finish_background_work(blobs);
    CHECK_FALSE(exists(blobs, unknown));
    CHECK_FALSE(exists(blobs, released));
    CHECK(content_of(blobs, known, 5) == "known");
    CHECK(exists(blobs, unreleased));
}

TEST_CASE("a file that is known is not removed, whoever asks for it") {
    TemporaryDirectory const directory;
    std::atomic<bool> is_known = true;
    BlobDirectory blobs(directory.path(), false, [&](std::string const& name) {
        return is_known && !name.ends_with('1');  // finish_background_work() uses the second name
    });
    auto const name = publish(blobs, "x");
    blobs.remove(1, {name});
    finish_background_work(blobs);
    CHECK(exists(blobs, name));
    is_known = false;
    blobs.remove(1, {name});
    CHECK(eventually([&] { return !exists(blobs, name); }));
}

TEST_CASE("a sweep waits for the pins of its moment, of whatever owner, and for no later ones") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const name = publish(blobs, "x");
    blobs.release(name);
    std::optional<BlobDirectory::Pin> earlier(std::in_place, blobs, 7);
    blobs.sweep();
    BlobDirectory::Pin const later(blobs, 8);
    finish_background_work(blobs);
    CHECK(exists(blobs, name));
    earlier.reset();
    CHECK(eventually([&] { return !exists(blobs, name); }));
}

TEST_CASE("no file goes while somebody holds the directory") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const name = publish(blobs, "x");
    {
        BlobDirectory::Hold const hold(blobs);
        blobs.remove(1, {name});
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        CHECK(exists(blobs, name));
    }
    CHECK(eventually([&] { return !exists(blobs, name); }));
}

TEST_CASE("what was being written when the last run ended is gone at the next start") {
    TemporaryDirectory const directory;
    { BlobDirectory const earlier(directory.path(), false); }
    std::ofstream(directory.path() / "incoming" / "abandoned") << "half an archi";
    BlobDirectory const blobs(directory.path(), false);
    CHECK(count_files(directory.path() / "incoming") == 0);
}

TEST_CASE("a blob of 64 KiB lives in its row and needs no file") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const content = firn::test::pattern(inline_size_bytes_max);
    auto const blob = stage(blobs, content.substr(0, 1000));
    blob->write(bytes_of(content).subspan(1000));
    blob->finish();
    blob->make_durable();
    CHECK(blob->file_name().empty());
    CHECK(std::ranges::equal(blob->inline_bytes(), bytes_of(content)));
    CHECK(blob->digests().linear == sha256(bytes_of(content)));
    CHECK(count_files(directory.path()) == 0);
}

TEST_CASE("a blob of one byte more is a file with all of the bytes") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const content = firn::test::pattern(inline_size_bytes_max + 1);
    // 0: the size is not known, and the blob moves to a file when the last byte comes.
    for (std::uint64_t const expected_size : {std::uint64_t{0}, std::uint64_t{content.size()}}) {
        CAPTURE(expected_size);
        auto const blob = stage(blobs, content.substr(0, inline_size_bytes_max), expected_size);
        blob->write(bytes_of(content).last(1));
        blob->finish();
        blob->make_durable();
        CHECK(blob->inline_bytes().empty());
        CHECK(blob->size_bytes() == content.size());
        CHECK(content_of(blobs, blob->file_name(), content.size() + 1) == content);
        CHECK(blob->digests().linear == sha256(bytes_of(content)));
    }
}

TEST_CASE("a blob that is given up leaves nothing on disk, however far it came") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const content = firn::test::pattern(inline_size_bytes_max + 1);
    auto blob = stage(blobs, content);
    CHECK(count_files(directory.path()) == 1);
    SUBCASE("while bytes come") {}
    SUBCASE("when all bytes came") {
        blob->finish();
    }
    SUBCASE("under its final name") {
        blob->finish();
        blob->make_durable();
    }
    blob.reset();
    CHECK(eventually([&] { return count_files(directory.path()) == 0; }));
}

TEST_CASE("a blob that is kept stays when its object goes") {
    TemporaryDirectory const directory;
    BlobDirectory blobs(directory.path(), false);
    auto const content = firn::test::pattern(inline_size_bytes_max + 1);
    auto blob = stage(blobs, content);
    blob->finish();
    blob->make_durable();
    blob->set_kept(true);
    auto const name = blob->file_name();
    blob.reset();
    finish_background_work(blobs);
    CHECK(content_of(blobs, name, content.size()) == content);
}

TEST_CASE("a blob for which the disk has no room leaves nothing on disk") {
    // Memory refuses at once what it cannot hold; other file systems cannot reserve so much and do not try.
    auto const directory = DataDirectory::temporary();
    BlobDirectory blobs(directory.path(), false);
    constexpr std::uint64_t more_than_any_disk = std::uint64_t{1} << 45;
    try {
        StagedBlob const blob(blobs, more_than_any_disk);
    } catch (std::system_error const&) {
        // The file system refuses the space.
    }
    CHECK(count_files(directory.path() / "incoming") == 0);
}
