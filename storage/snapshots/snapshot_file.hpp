// A snapshot as one file that can be carried to another machine: the database and every blob file that it
// names, in pieces of a MiB, in a SQLite file. Every byte is under a tree hash.
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

// The file is not a snapshot, is damaged, or was written by a newer firn. The message says which.
class ImportError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Writes the snapshot in `database` (also open as `database_file`) to `target`, in place of the file that may
// be there. Memory is bounded. Throws std::system_error and SQLite::Exception; nothing is left then.
void write_snapshot_file(File const& database_file, std::filesystem::path const& database,
                         BlobDirectory const& blobs, std::filesystem::path const& target);

// Reads such a file, once: the database, then the blobs. What it added goes with it, unless keep() is called.
// Its functions throw ImportError, and std::system_error when the fault is here.
class SnapshotFileImport {
public:
    // The caller has a BlobDirectory::Hold for as long as this lives: a blob file that is there already must
    // not go.
    SnapshotFileImport(std::filesystem::path const& file, BlobDirectory& blobs);
    SnapshotFileImport(SnapshotFileImport const&) = delete;
    ~SnapshotFileImport();

    // Checks that it is one that this program can restore.
    void read_database(PreparedDatabase& prepared);
    // Those that are not there, not synced; all are checked against the hashes in `database`.
    void read_blobs(std::filesystem::path const& database);
    void keep() { kept_ = true; }

private:
    struct Entry {
        std::string name;
        std::uint64_t size_bytes;
        Digest tree_hash;
    };
    using Visit = std::function<void(std::span<std::byte const>)>;

    void require_snapshot_file();
    // Gives the bytes in pieces; throws when they are not those of the entry.
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
