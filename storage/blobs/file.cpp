#include "storage/blobs/file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace firn::storage {

void throw_errno(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

File File::open(std::filesystem::path const& path, int flags, unsigned mode) {
    int const descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (descriptor < 0) throw_errno("cannot open " + path.string());
    return File(descriptor);
}

void File::write_all(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        auto const written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw_errno("cannot write");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void File::read_all(std::span<std::byte> bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
        auto const count = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw_errno("cannot read");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

std::uint64_t File::size_bytes() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw_errno("cannot read the size of a file");
    return static_cast<std::uint64_t>(status.st_size);
}

void File::copy_from(File const& source) {
    if (::ioctl(descriptor_, FICLONE, source.descriptor()) == 0) return;
    auto left = source.size_bytes();
    off_t from = 0;
    while (left > 0) {
        auto const count = ::copy_file_range(source.descriptor(), &from, descriptor_, nullptr, left, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        left -= static_cast<std::uint64_t>(count);
    }
    // Not every pair of file systems supports it: read and write copy the rest, or report the error.
    std::vector<std::byte> buffer(left > 0 ? 1 << 20 : 0);
    while (left > 0) {
        auto const count = ::pread(source.descriptor(), buffer.data(), buffer.size(), from);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno("cannot read");
        if (count == 0) throw std::runtime_error("a file became shorter while it was copied");
        auto const size = std::min(left, static_cast<std::uint64_t>(count));
        write_all(std::span(buffer).first(size));
        from += static_cast<off_t>(size);
        left -= size;
    }
}

void File::reserve(std::uint64_t size_bytes) {
    if (::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size_bytes)) == 0) return;
    if (errno == ENOSPC) throw_errno("cannot reserve " + std::to_string(size_bytes) + " bytes");
}

void File::sync_data() {
    if (::fdatasync(descriptor_) != 0) throw_errno("cannot sync");
}

void sync_directory(std::filesystem::path const& path) {
    auto const directory = File::open(path, O_RDONLY | O_DIRECTORY);
    if (::fsync(directory.descriptor()) != 0) throw_errno("cannot sync " + path.string());
}

void rename_file(std::filesystem::path const& from, std::filesystem::path const& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        throw_errno("cannot move " + from.string() + " to " + to.string());
    }
}

}  // namespace firn::storage
