#include "storage/blob_directory.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
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
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) {
        throw std::runtime_error("no random bytes to be had");
    }
    return hexadecimal(value, "%016llx");
}

}  // namespace

BlobDirectory::Pin::Pin(BlobDirectory& directory, std::int64_t owner_pk)
    : directory_(directory), owner_pk_(owner_pk) {
    std::lock_guard const lock(directory_.mutex_);
    ++directory_.pins_[owner_pk_];
}

BlobDirectory::Pin::~Pin() {
    std::lock_guard const lock(directory_.mutex_);
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

BlobDirectory::BlobDirectory(fs::path root, bool durable)
    : root_(std::move(root)), durable_(durable), run_(random_run_name()) {
    // Nobody else writes here (the data directory is locked): what lies there was never completed.
    fs::remove_all(root_ / "incoming");
    fs::create_directories(root_ / "incoming");
    fs::create_directories(root_ / "blobs");
    if (durable_) sync_directory(root_);
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

File BlobDirectory::create_incoming(std::string const& name) {
    return File::open(root_ / "incoming" / name, O_CREAT | O_EXCL | O_RDWR);
}

void BlobDirectory::publish(File& file, std::string const& name) {
    if (durable_) file.sync_data();
    auto const from = root_ / "incoming" / name;
    auto const folder = folder_of(name);
    if (::rename(from.c_str(), (folder / name).c_str()) != 0) {
        if (errno != ENOENT) throw_errno("cannot move " + from.string());
        if (fs::create_directory(folder) && durable_) sync_directory(folder.parent_path());
        fs::rename(from, folder / name);
    }
    if (durable_) sync_directory(folder);
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

void BlobDirectory::sweep(std::function<bool(std::string const&)> is_known) {
    enqueue([this, is_known = std::move(is_known)] {
        for (auto const& entry : fs::recursive_directory_iterator(root_ / "blobs")) {
            if (stopping_) return;
            auto const name = entry.path().filename().string();
            bool const of_this_run = name.starts_with(run_);
            if (entry.is_regular_file() && !of_this_run && !is_known(name)) ::unlink(entry.path().c_str());
        }
    });
}

void BlobDirectory::enqueue(std::function<void()> task) {
    std::lock_guard const lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
}

void BlobDirectory::remove_now(std::vector<std::string> const& names) {
    for (auto const& name : names) ::unlink((folder_of(name) / name).c_str());
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
            // A file that cannot be removed now is found again by the sweep of the next start.
            std::fprintf(stderr, "firn: clearing blobs: %s\n", error.what());
        }
        lock.lock();
    }
}

}  // namespace firn::storage
