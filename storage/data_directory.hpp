// The folder that a store owns while it is open.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <vector>

#include "storage/blobs/file.hpp"

namespace firn::storage {

// The store cannot be opened. what() is one line for the user that says why.
struct OpenError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Creates the folder if it is missing and locks it. Throws OpenError when another process holds it or when it
// cannot be written. A temporary folder is removed with the object.
class DataDirectory {
public:
    static DataDirectory at(std::filesystem::path path);
    // A new folder in memory (/dev/shm), or where temporary files go if there is no such memory. Also removes
    // the folders that killed processes left behind.
    static DataDirectory temporary();

    DataDirectory(DataDirectory&& other) noexcept;
    DataDirectory& operator=(DataDirectory&&) = delete;
    ~DataDirectory();

    std::filesystem::path const& path() const { return path_; }
    bool is_temporary() const { return temporary_; }

    // Makes the names in the folder durable, and its own name where at() created it. Cheap after the first
    // files were synced, since that has written most of it to the disk.
    void sync() const;

private:
    DataDirectory(std::filesystem::path path, File lock, bool temporary);

    std::filesystem::path path_;
    std::vector<std::filesystem::path> changed_around_;
    File lock_;
    bool temporary_;
};

}  // namespace firn::storage
