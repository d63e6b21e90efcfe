// POSIX files, with exceptions for errors: the only place in storage that calls open, write and sync.
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
    // Fills `bytes` from `offset` on; the file must have that many.
    void read_all(std::span<std::byte> bytes, std::uint64_t offset = 0) const;
    std::uint64_t size_bytes() const;
    // Copies the whole of another file into this one, which must be empty. The file system shares the blocks
    // where it can; otherwise the kernel copies.
    void copy_from(File const& source);
    // Allocates the space on disk now, so that a full disk shows before the bytes arrive. Does nothing where
    // the file system cannot.
    void reserve(std::uint64_t size_bytes);
    // The data is on disk when it returns. After a failure the file is useless: the kernel may have dropped
    // its pages.
    void sync_data();

private:
    int descriptor_ = -1;
};

// Makes the names in a directory durable.
void sync_directory(std::filesystem::path const& path);

// Moves a file within a file system; replaces the one at `to`, if any.
void rename_file(std::filesystem::path const& from, std::filesystem::path const& to);

}  // namespace firn::storage
