// The folder that one store owns while it is open.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <vector>

#include "storage/blobs/file.hpp"

namespace firn::storage {

// The store cannot be opened; what() is one line that says why, fit for the user's eyes.
struct OpenError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Creates the folder where it is missing and locks it; throws OpenError when it is held by another process or
// cannot be written. A temporary one is removed with the object.
class DataDirectory {
public:
    static DataDirectory at(std::filesystem::path path);
    // A fresh folder in memory (/dev/shm) where there is one, else where temporary files go. Removes those
    // that a killed process left behind.
    static DataDirectory temporary();

    DataDirectory(DataDirectory&& other) noexcept;
    DataDirectory& operator=(DataDirectory&&) = delete;
    ~DataDirectory();

    std::filesystem::path const& path() const { return path_; }
    bool is_temporary() const { return temporary_; }

    // Keeps the names in it, and its own where at() created it. After the first files were synced this is
    // cheap: that has brought most of it to the disk.
    void sync() const;

private:
    DataDirectory(std::filesystem::path path, File lock, bool temporary);

    std::filesystem::path path_;
    std::vector<std::filesystem::path> changed_around_;
    File lock_;
    bool temporary_;
};

}  // namespace firn::storage
