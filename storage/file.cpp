#include "storage/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

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

void File::read_all(std::span<std::byte> bytes) const {
    for (off_t offset = 0; !bytes.empty();) {
        auto const count = ::pread(descriptor_, bytes.data(), bytes.size(), offset);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw_errno("cannot read");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += count;
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

}  // namespace firn::storage
