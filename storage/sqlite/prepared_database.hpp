// A database file that is made aside, complete and on disk before anybody sees it under another name.
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
    // A name of its own in the folder: what lies there under that name goes.
    PreparedDatabase(std::filesystem::path const& folder, std::string const& name, bool durable);
    PreparedDatabase(PreparedDatabase const&) = delete;
    // Removes the file unless it was moved away.
    ~PreparedDatabase();

    std::filesystem::path const& path() const { return path_; }
    // Empty at first.
    File& file() { return file_; }
    // Lets SQLite at it.
    void change(std::function<void(Connection&)> const& change);
    // On disk when it returns.
    void finish();

private:
    void remove_files() noexcept;

    std::filesystem::path const path_;
    bool const durable_;
    File file_;
};

}  // namespace firn::storage
