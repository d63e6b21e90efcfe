#include "storage/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace firn::storage {
namespace fs = std::filesystem;
namespace {

constexpr char temporary_prefix[] = "firn-in-memory-";

// A folder younger than this may belong to a process that has not locked it yet.
constexpr auto abandoned_age_min = std::chrono::minutes(1);

// Adds each folder in which another was created to `changed`.
void create_folders(fs::path const& path, std::vector<fs::path>& changed) {
    if (fs::exists(path)) return;
    auto const parent = fs::absolute(path).parent_path();
    create_folders(parent, changed);
    fs::create_directory(path);
    changed.push_back(parent);
}

// Returns nothing when another process holds the lock. The kernel releases it when the process ends.
File try_lock(fs::path const& directory) {
    auto file = File::open(directory / "lock", O_CREAT | O_RDWR);
    if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno == EWOULDBLOCK) return {};
    throw_errno("cannot lock " + directory.string());
}

fs::path temporary_root() {
    fs::path const shared_memory = "/dev/shm";
    return ::access(shared_memory.c_str(), W_OK) == 0 ? shared_memory : fs::temp_directory_path();
}

void remove_abandoned(fs::path const& root) {
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator(root, ignored)) {
        if (!entry.path().filename().string().starts_with(temporary_prefix)) continue;
        auto const age = fs::file_time_type::clock::now() - entry.last_write_time(ignored);
        if (age < abandoned_age_min) continue;
        try {
            if (auto const lock = try_lock(entry.path())) fs::remove_all(entry.path(), ignored);
        } catch (std::system_error const&) {
            // It belongs to another user.
        }
    }
}

}  // namespace

DataDirectory DataDirectory::at(fs::path path) try {
    std::vector<fs::path> changed;
    create_folders(path, changed);
    auto lock = try_lock(path);
    if (!lock) throw OpenError("data directory " + path.string() + " is in use by another firn process");
    DataDirectory directory(std::move(path), std::move(lock), false);
    directory.changed_around_ = std::move(changed);
    return directory;
} catch (std::system_error const& error) {
    throw OpenError("data directory " + path.string() + " cannot be used: " + error.code().message());
}

DataDirectory DataDirectory::temporary() {
    auto const root = temporary_root();
    remove_abandoned(root);
    std::string name = (root / temporary_prefix).string() + "XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw OpenError("cannot create a temporary directory in " + root.string());
    return {name, try_lock(name), true};
}

DataDirectory::DataDirectory(fs::path path, File lock, bool temporary)
    : path_(std::move(path)), lock_(std::move(lock)), temporary_(temporary) {}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      changed_around_(std::move(other.changed_around_)),
      lock_(std::move(other.lock_)),
      temporary_(std::exchange(other.temporary_, false)) {}

void DataDirectory::sync() const {
    sync_directory(path_);
    for (auto const& folder : changed_around_) sync_directory(folder);
}

DataDirectory::~DataDirectory() {
    std::error_code ignored;
    if (temporary_) fs::remove_all(path_, ignored);
}

}  // namespace firn::storage
