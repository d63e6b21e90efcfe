// Copies of the whole database, kept under names. Blob files are not copied: they are shared with the live
// database, and stay for as long as a snapshot names them.
//
//   states/NAME.db   one SQLite file each, without a log, never changed once it has its name
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
    std::uint64_t size_bytes = 0;  // of the database; blobs not counted
    std::string note;              // what the caller gave with it
};

// There is no snapshot of that name.
class UnknownSnapshot : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The name of the setting that holds a snapshot's note.
inline constexpr char note_setting[] = "note";

// Throws std::invalid_argument unless it is 1–64 of A–Z a–z 0–9 . _ - and begins with another than the dot.
void require_snapshot_name(std::string const& name);

// One thread at a time changes snapshots; names_blob_file() may be called from another meanwhile. Every
// function that takes a name throws std::invalid_argument and, but for put(), UnknownSnapshot.
class Snapshots {
public:
    // Makes the folder where it is missing, as BlobDirectory its own; that it is there is on disk once the
    // one around it has been synced.
    Snapshots(std::filesystem::path folder, bool durable);

    bool contains(std::string const& name) const;
    File open(std::string const& name) const;
    std::filesystem::path path_of(std::string const& name) const;
    // In order of names.
    std::vector<Snapshot> list() const;
    // Moves a finished database here, in place of the snapshot that may have that name.
    void put(std::string const& name, std::filesystem::path const& database);
    void remove(std::string const& name);

    // Whether any snapshot names this file of the blob directory.
    bool names_blob_file(std::string const& file);

private:
    std::vector<std::string> names() const;
    void require(std::string const& name) const;
    // After a change of what lies behind the names.
    void forget_connections();

    std::filesystem::path const folder_;
    bool const durable_;
    std::mutex mutex_;
    // One a snapshot, opened when first asked.
    std::optional<std::vector<std::unique_ptr<Connection>>> connections_;
};

}  // namespace firn::storage
