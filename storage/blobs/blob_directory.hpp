// The files that hold the bytes of archives. A file gets its name only when it is complete and on disk, and
// never changes after that. A sweep in the background removes files that neither the database nor a snapshot
// names, such as those that a crash or a removed snapshot leaves behind.
//
//   incoming/   files that are being written; emptied at every start
//   blobs/xx/   complete files, in 256 folders
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "storage/blobs/file.hpp"

namespace firn::storage {

// All functions may be called from any thread.
class BlobDirectory {
public:
    // Keeps the files of one owner (an archive, an inventory output) while they are read: their removal waits
    // until the last pin is destroyed.
    class Pin {
    public:
        Pin(BlobDirectory& directory, std::int64_t owner_pk);
        Pin(Pin const&) = delete;
        ~Pin();

    private:
        BlobDirectory& directory_;
        std::int64_t owner_pk_;
        std::uint64_t number_;
    };

    // While one exists, no file is deleted. Held while references to files change. The constructor waits for
    // the deletion of one file at most. A thread takes it before it waits for readers or for the writer,
    // never after.
    class Hold {
    public:
        explicit Hold(BlobDirectory& directory);
        Hold(Hold const&) = delete;
        ~Hold();

    private:
        BlobDirectory& directory_;
    };

    // Whether the database or a snapshot names a file. Called in the background before a file is deleted.
    using IsKnown = std::function<bool(std::string const& name)>;

    // Without `durable`, nothing is synced: for data that need not survive the process. Without `is_known`,
    // no file is known.
    BlobDirectory(std::filesystem::path root, bool durable, IsKnown is_known = {});
    ~BlobDirectory();

    // A name that no file has had before.
    std::string new_name();
    // Whether new_name() may have made it, in this directory or another.
    static bool is_name(std::string const& name);
    // Creates a file that no sweep removes until it is released.
    File create_incoming(std::string const& name);
    // From here on a sweep removes the file unless a row names it.
    void release(std::string const& name) noexcept;
    // Syncs the data, moves the file to its place and syncs the folder.
    void publish(File& file, std::string const& name);
    // Moves the file to its place. A crash may undo that until sync().
    void publish_unsynced(std::string const& name);
    // Makes these files and their names durable: each file on its own, since syncing the whole file system
    // would make everybody on it wait.
    void sync(std::vector<std::string> const& names);
    void discard_incoming(std::string const& name) noexcept;

    File open(std::string const& name) const;
    // The folder of incomplete files, also of those that others put there; every start empties it.
    std::filesystem::path incoming_folder() const { return root_ / "incoming"; }
    // Removes those of the files that are not known, in the background, once their owner is not pinned.
    void remove(std::int64_t owner_pk, std::vector<std::string> names);
    // Removes all files that are released and not known, in the background, once all pins that exist now are
    // destroyed.
    void sweep();

private:
    struct Removal {
        std::int64_t owner_pk;
        std::vector<std::string> names;
    };

    std::filesystem::path folder_of(std::string const& name) const;
    void remove_now(std::vector<std::string> const& names);
    void sweep_now();
    // Returns whether the sweep may go on to the next file.
    bool sweep_one(std::string const& name);
    bool is_sweep_pinned() const;
    // Waits while a Hold exists or is being waited for.
    std::unique_lock<std::mutex> lock_removals();
    void work();

    std::filesystem::path const root_;
    bool const durable_;
    IsKnown const is_known_;
    std::string const run_;  // the prefix of every name of this run
    std::atomic<std::uint64_t> next_file_ = 0;

    // Taken before mutex_.
    std::mutex removals_mutex_;
    std::atomic<int> hold_count_ = 0;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    std::set<std::string> unreleased_;
    std::map<std::int64_t, int> pins_;
    std::vector<Removal> pinned_removals_;
    std::uint64_t next_pin_number_ = 0;
    std::set<std::uint64_t> pin_numbers_;  // of the pins that exist
    std::uint64_t sweep_pin_number_ = 0;   // a sweep waits for the pins with a lower number
    bool sweep_waits_ = false;             // for pins
    bool sweep_is_queued_ = false;
    std::atomic<bool> stopping_ = false;
    std::thread worker_;
};

}  // namespace firn::storage
