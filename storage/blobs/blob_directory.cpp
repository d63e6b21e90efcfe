#include "storage/blobs/blob_directory.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace firn::storage {
namespace fs = std::filesystem;
namespace {

std::string hexadecimal(std::uint64_t value, char const* format) {
    char text[24];
    std::snprintf(text, sizeof text, format, static_cast<unsigned long long>(value));
    return text;
}

std::string random_run_name() {
    std::uint64_t value = 0;
    if (getentropy(&value, sizeof value) != 0) throw_errno("the kernel gives no random bytes");
    return hexadecimal(value, "%016llx");
}

}  // namespace

BlobDirectory::Pin::Pin(BlobDirectory& directory, std::int64_t owner_pk)
    : directory_(directory), owner_pk_(owner_pk) {
    std::lock_guard const lock(directory_.mutex_);
    ++directory_.pins_[owner_pk_];
    number_ = directory_.next_pin_number_++;
    directory_.pin_numbers_.insert(number_);
}

BlobDirectory::Pin::~Pin() {
    std::lock_guard const lock(directory_.mutex_);
    directory_.pin_numbers_.erase(number_);
    if (directory_.sweep_waits_ && !directory_.is_sweep_pinned()) {
        directory_.sweep_waits_ = false;
        directory_.sweep_is_queued_ = true;
        directory_.tasks_.emplace_back([&directory = directory_] { directory.sweep_now(); });
        directory_.wake_.notify_one();
    }
    if (--directory_.pins_[owner_pk_] > 0) return;
    directory_.pins_.erase(owner_pk_);
    std::erase_if(directory_.pinned_removals_, [this](Removal& removal) {
        if (removal.owner_pk != owner_pk_) return false;
        directory_.tasks_.push_back(
            [&directory = directory_, names = std::move(removal.names)] { directory.remove_now(names); });
        return true;
    });
    directory_.wake_.notify_one();
}

BlobDirectory::Hold::Hold(BlobDirectory& directory) : directory_(directory) {
    ++directory_.hold_count_;
    directory_.removals_mutex_.lock();
}

BlobDirectory::Hold::~Hold() {
    directory_.removals_mutex_.unlock();
    --directory_.hold_count_;
    directory_.hold_count_.notify_all();
}

BlobDirectory::BlobDirectory(fs::path root, bool durable, IsKnown is_known)
    : root_(std::move(root)),
      durable_(durable),
      is_known_(is_known ? std::move(is_known) : [](std::string const&) { return false; }),
      run_(random_run_name()) {
    // The data directory is locked, so these files belong to a process that ended before it completed them.
    for (auto const* const folder : {"incoming", "blobs"}) fs::create_directories(root_ / folder);
    for (auto const& entry : fs::directory_iterator(root_ / "incoming")) fs::remove_all(entry);
    worker_ = std::thread([this] { work(); });
}

BlobDirectory::~BlobDirectory() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    worker_.join();
}

std::string BlobDirectory::new_name() {
    return run_ + hexadecimal(next_file_++, "%08llx");
}

fs::path BlobDirectory::folder_of(std::string const& name) const {
    return root_ / "blobs" / name.substr(name.size() - 2);
}

bool BlobDirectory::is_name(std::string const& name) {
    constexpr std::size_t length_min = 24;
    constexpr std::size_t length_max = 32;
    return name.size() >= length_min && name.size() <= length_max &&
           name.find_first_not_of("0123456789abcdef") == name.npos;
}

File BlobDirectory::create_incoming(std::string const& name) {
    {
        std::lock_guard const lock(mutex_);
        unreleased_.insert(name);
    }
    return File::open(root_ / "incoming" / name, O_CREAT | O_EXCL | O_RDWR);
}

void BlobDirectory::release(std::string const& name) noexcept {
    std::lock_guard const lock(mutex_);
    unreleased_.erase(name);
}

void BlobDirectory::publish(File& file, std::string const& name) {
    if (durable_) file.sync_data();
    publish_unsynced(name);
    if (durable_) sync_directory(folder_of(name));
}

void BlobDirectory::publish_unsynced(std::string const& name) {
    auto const from = root_ / "incoming" / name;
    auto const folder = folder_of(name);
    if (::rename(from.c_str(), (folder / name).c_str()) != 0) {
        if (errno != ENOENT) throw_errno("cannot move " + from.string());
        if (fs::create_directory(folder) && durable_) sync_directory(folder.parent_path());
        fs::rename(from, folder / name);
    }
}

void BlobDirectory::sync(std::vector<std::string> const& names) {
    if (!durable_) return;
    std::set<fs::path> folders;
    for (auto const& name : names) {
        open(name).sync_data();
        folders.insert(folder_of(name));
    }
    for (auto const& folder : folders) sync_directory(folder);
}

void BlobDirectory::discard_incoming(std::string const& name) noexcept {
    ::unlink((root_ / "incoming" / name).c_str());
}

File BlobDirectory::open(std::string const& name) const {
    return File::open(folder_of(name) / name, O_RDONLY);
}

void BlobDirectory::remove(std::int64_t owner_pk, std::vector<std::string> names) {
    if (names.empty()) return;
    std::lock_guard const lock(mutex_);
    if (pins_.contains(owner_pk)) {
        pinned_removals_.push_back({owner_pk, std::move(names)});
        return;
    }
    tasks_.push_back([this, names = std::move(names)] { remove_now(names); });
    wake_.notify_one();
}

void BlobDirectory::sweep() {
    std::lock_guard const lock(mutex_);
    sweep_pin_number_ = next_pin_number_;
    // A sweep that has not begun yet will look at all files anyway.
    if (sweep_waits_ || sweep_is_queued_) return;
    sweep_is_queued_ = true;
    tasks_.emplace_back([this] { sweep_now(); });
    wake_.notify_one();
}

// A download that began before a restore needs files that nothing names any more. Later pins do not matter:
// the current database names their files, and the removal of those waits for the pins.
bool BlobDirectory::is_sweep_pinned() const {
    return !pin_numbers_.empty() && *pin_numbers_.begin() < sweep_pin_number_;
}

void BlobDirectory::sweep_now() {
    {
        std::lock_guard const lock(mutex_);
        sweep_is_queued_ = false;
    }
    for (auto const& entry : fs::recursive_directory_iterator(root_ / "blobs")) {
        if (stopping_) return;
        if (entry.is_regular_file() && !sweep_one(entry.path().filename().string())) return;
    }
}

bool BlobDirectory::sweep_one(std::string const& name) {
    auto const removals = lock_removals();
    {
        std::lock_guard const lock(mutex_);
        if (is_sweep_pinned()) {
            sweep_waits_ = true;
            return false;
        }
        // Checked before the database: a file is released after its row is committed, so one of them knows
        // it.
        if (unreleased_.contains(name)) return true;
    }
    if (!is_known_(name)) ::unlink((folder_of(name) / name).c_str());
    return true;
}

std::unique_lock<std::mutex> BlobDirectory::lock_removals() {
    // With the mutex alone, a sweep would take it again before the thread that waits for it has woken up.
    for (int count = hold_count_; count > 0; count = hold_count_) hold_count_.wait(count);
    return std::unique_lock(removals_mutex_);
}

// The row that named a file has been deleted by now, but a snapshot may name the file, and a restore may have
// brought the row back. Neither can change between the check and the removal: a thread that copies the
// database to a snapshot has a Hold from before the copy until is_known_ covers the snapshot. A copy that was
// made before the row was deleted names the file and keeps it; a later copy does not name it.
void BlobDirectory::remove_now(std::vector<std::string> const& names) {
    for (auto const& name : names) {
        auto const removals = lock_removals();
        if (!is_known_(name)) ::unlink((folder_of(name) / name).c_str());
    }
}

void BlobDirectory::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        auto const task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        try {
            task();
        } catch (std::exception const& error) {
            // The sweep of the next start tries the file again.
            std::fprintf(stderr, "firn: removing blob files: %s\n", error.what());
        }
        lock.lock();
    }
}

}  // namespace firn::storage
