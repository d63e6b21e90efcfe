// Copies of the whole database, kept under names. Blob files are not copied: snapshots share them with the
// live database, and a file stays for as long as a snapshot names it.
//
//   states/NAME.db   one SQLite file per snapshot, without a log, never changed once it has its name
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/blobs/file.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

struct Snapshot {
    std::string name;
    std::uint64_t size_bytes = 0;  // of the database, without blobs
    std::string note;              // as the caller gave it
};

// There is no snapshot of that name.
class UnknownSnapshot : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The name of the setting that holds a snapshot's note.
inline constexpr char note_setting[] = "note";

// Throws std::invalid_argument unless `name` is 1 to 64 of A–Z a–z 0–9 . _ - and does not begin with a dot.
void require_snapshot_name(std::string const& name);

// One thread at a time changes snapshots; another may call names_blob_file() at the same time. Every function
// that takes a name throws std::invalid_argument, and all but contains(), path_of() and put() throw
// UnknownSnapshot.
class Snapshots {
public:
    // Creates the folder if it is missing. Its name is durable once the caller has synced the parent folder.
    Snapshots(std::filesystem::path folder, bool durable);

    bool contains(std::string const& name) const;
    File open(std::string const& name) const;
    std::filesystem::path path_of(std::string const& name) const;
    Snapshot find(std::string const& name) const;
    // Sorted by name.
    std::vector<Snapshot> list() const;
    // Moves a finished database here, and replaces the snapshot of that name, if any.
    void put(std::string const& name, std::filesystem::path const& database);
    void remove(std::string const& name);

    // Whether any snapshot names this file of the blob directory.
    bool names_blob_file(std::string const& file);

private:
    std::vector<std::string> names() const;
    void require(std::string const& name) const;
    // Called after a change of the files.
    void forget_connections();

    std::filesystem::path const folder_;
    bool const durable_;
    std::mutex mutex_;
    // One per snapshot, opened at the first question.
    std::optional<std::vector<std::unique_ptr<Connection>>> connections_;
};

}  // namespace firn::storage
