// A database file that is made under a temporary name, and is complete and on disk before it is moved to its
// final one.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "storage/blobs/file.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

// Used by one thread at a time. Throws std::system_error, and SQLite::Exception from `change`.
class PreparedDatabase {
public:
    // Replaces the file of that name in the folder, if any.
    PreparedDatabase(std::filesystem::path const& folder, std::string const& name, bool durable);
    PreparedDatabase(PreparedDatabase const&) = delete;
    // Removes the file unless it was moved.
    ~PreparedDatabase();

    std::filesystem::path const& path() const { return path_; }
    // Empty at first; the caller may copy a database into it.
    File& file() { return file_; }
    // Opens the file with SQLite and calls `change`.
    void change(std::function<void(Connection&)> const& change);
    // Syncs the file.
    void finish();

private:
    void remove_files() noexcept;

    std::filesystem::path const path_;
    bool const durable_;
    File file_;
};

}  // namespace firn::storage
