// The files that hold the bytes of archives. A file gets its name only when it is complete and on disk, and
// never changes after that. Files that no row names (a crash came between the two) are swept in the
// background.
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
#include <string>
#include <thread>
#include <vector>

#include "storage/file.hpp"

namespace firn::storage {

// All functions may be called from any thread.
class BlobDirectory {
public:
    // Keeps the files of one owner (an archive, an inventory output) while somebody reads them: a removal
    // waits.
    class Pin {
    public:
        Pin(BlobDirectory& directory, std::int64_t owner_pk);
        Pin(Pin const&) = delete;
        ~Pin();

    private:
        BlobDirectory& directory_;
        std::int64_t owner_pk_;
    };

    // `durable` false: nothing is synced (for data that nobody wants to keep).
    BlobDirectory(std::filesystem::path root, bool durable);
    ~BlobDirectory();

    // A name that no file has had before.
    std::string new_name();
    File create_incoming(std::string const& name);
    // Syncs the data, moves the file to its place and syncs the folder.
    void publish(File& file, std::string const& name);
    void discard_incoming(std::string const& name) noexcept;

    File open(std::string const& name) const;
    // Removes files in the background, once nobody has their owner pinned.
    void remove(std::int64_t owner_pk, std::vector<std::string> names);
    // Looks in the background for files of earlier runs that `is_known` does not know, and removes them.
    void sweep(std::function<bool(std::string const& name)> is_known);

private:
    struct Removal {
        std::int64_t owner_pk;
        std::vector<std::string> names;
    };

    std::filesystem::path folder_of(std::string const& name) const;
    void enqueue(std::function<void()> task);
    void remove_now(std::vector<std::string> const& names);
    void work();

    std::filesystem::path const root_;
    bool const durable_;
    std::string const run_;  // begins every name of this run
    std::atomic<std::uint64_t> next_file_ = 0;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    std::map<std::int64_t, int> pins_;
    std::vector<Removal> pinned_removals_;
    std::atomic<bool> stopping_ = false;
    std::thread worker_;
};

}  // namespace firn::storage
