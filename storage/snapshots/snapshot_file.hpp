// A snapshot as one file that can be copied to another machine: a SQLite file with the database and every
// blob file that it names, in pieces of a MiB. A tree hash covers every byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/blobs/blob_directory.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/prepared_database.hpp"

namespace firn::storage {

// The file is not a snapshot, is damaged, or was written by a newer version of firn. what() says which.
class ImportError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Writes the snapshot in `database` (also open as `database_file`) to `target`, and replaces the file there,
// if any. Uses a bounded amount of memory. Throws std::system_error and SQLite::Exception, and leaves nothing
// behind then.
void write_snapshot_file(File const& database_file, std::filesystem::path const& database,
                         BlobDirectory const& blobs, std::filesystem::path const& target);

// Reads such a file once: first the database, then the blobs. The destructor removes the files that were
// added, unless keep() was called. All functions throw ImportError, or std::system_error when the fault is
// not the file's.
class SnapshotFileImport {
public:
    // The caller must have a BlobDirectory::Hold for as long as this exists, so that blob files that are
    // found to exist are not removed.
    SnapshotFileImport(std::filesystem::path const& file, BlobDirectory& blobs);
    SnapshotFileImport(SnapshotFileImport const&) = delete;
    ~SnapshotFileImport();

    // Also checks that this program can restore it.
    void read_database(PreparedDatabase& prepared);
    // Adds the blob files that are missing, without syncing them. Checks all of them against the hashes in
    // `database`.
    void read_blobs(std::filesystem::path const& database);
    // Makes the blob files that were added durable.
    void sync() { blobs_.sync(added_); }
    void keep() { kept_ = true; }

private:
    struct Entry {
        std::string name = {};
        std::uint64_t size_bytes = 0;
        Digest tree_hash = {};
    };
    using Visit = std::function<void(std::span<std::byte const>)>;

    void require_snapshot_file();
    // Calls `visit` with the bytes in pieces. Throws when they are not those of the entry.
    void read_chunks(Entry const& entry, Visit const& visit);
    Entry entry_of(std::string const& name);
    void read_blob(Entry const& blob);
    bool is_there(Entry const& blob);

    Connection connection_;
    BlobDirectory& blobs_;
    std::vector<std::string> added_;
    bool kept_ = false;
};

}  // namespace firn::storage
