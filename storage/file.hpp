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
    // Fills `bytes` from the beginning of the file, which must be as long.
    void read_all(std::span<std::byte> bytes) const;
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

}  // namespace firn::storage
