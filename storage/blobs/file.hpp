// POSIX files with their errors as exceptions: the only place of this room that calls open, write and sync.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace firn::storage {

// Throws std::system_error for the current errno.
[[noreturn]] void throw_errno(std::string const& what);

// An open descriptor, closed with the object.
class File {
public:
    File() = default;
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    static File open(std::filesystem::path const& path, int flags, unsigned mode = 0600);

    explicit operator bool() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }

    void write_all(std::span<std::byte const> bytes);
    // Fills `bytes` with those of the file from `offset` on, which must be there.
    void read_all(std::span<std::byte> bytes, std::uint64_t offset = 0) const;
    std::uint64_t size_bytes() const;
    // Appends the whole of another file to this one, which must be empty: without copying where the file
    // system can share blocks, else within the kernel.
    void copy_from(File const& source);
    // Takes the room on disk now, so that a full disk shows before the bytes arrive. Where the file system
    // cannot, nothing.
    void reserve(std::uint64_t size_bytes);
    // Data on disk when it returns. After a failure the file must be given up: the kernel may have dropped
    // the pages.
    void sync_data();

private:
    int descriptor_ = -1;
};

// Makes the names in a directory durable.
void sync_directory(std::filesystem::path const& path);

// Makes everything durable that was written to the file system which holds `path`: cheaper than one sync for
// each of many files.
void sync_file_system(std::filesystem::path const& path);

// Moves a file within a file system, over the one that may be there.
void rename_file(std::filesystem::path const& from, std::filesystem::path const& to);

}  // namespace firn::storage
