// Everything that firn keeps: one SQLite database and one folder of blobs in a data directory.
//
// Reads see a consistent view and never wait for writes. One thread does all writes; a write that is reported
// done is on disk. The whole store can be saved as a snapshot and restored while reads and writes go on. All
// functions may be called from any thread, those on snapshots by one thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/blobs/blob_directory.hpp"
#include "storage/data_directory.hpp"
#include "storage/snapshots/snapshots.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/prepared_database.hpp"
#include "storage/transaction.hpp"
#include "storage/view.hpp"
#include "storage/writer.hpp"

namespace firn::storage {

// How a database of a snapshot, or an empty one, replaces the live one. All of it happens between two writes.
struct Replacement {
    // Settings that stay as they are: present with the same value, or absent.
    std::vector<std::string> kept_settings = {};
    // Whether the counter of keys goes on from the higher of both databases, so that no key is used
    // again. Otherwise the same writes get the same keys again; nobody may keep keys across it then.
    bool keeps_counter = false;
    // Called before the first write to the new database; it may read but not write.
    std::function<void()> switched = {};
};

class Store {
public:
    // A view with a connection of its own. Keep it for a short time: it delays checkpoints of the log and
    // every restore. A thread that has one must not wait for another, nor for a write.
    class Reading {
    public:
        explicit Reading(Store& store) : reader_(*store.database_), view_(*reader_, *store.blobs_) {}
        Reading(Reading const&) = delete;
        View const& operator*() const { return view_; }
        View const* operator->() const { return &view_; }

    private:
        Database::Reader reader_;
        View view_;
    };

    // Throws OpenError.
    explicit Store(DataDirectory directory);
    // Finishes the queued writes and checkpoints the log into the database.
    ~Store();

    Reading read() { return Reading(*this); }
    // A number that grows with every change that readings can see; nothing while a change is in progress.
    std::optional<std::uint64_t> generation() const { return database_->generation(); }
    // Whether something is due in the state of a generation: see Writer::next_due().
    Time next_due() const { return writer_->next_due(); }
    // Waits until next_due() is the earliest due time of all records. Not for threads that serve requests.
    void renew_next_due();
    void write(Writer::Work work, Writer::Done done) { writer_->enqueue(std::move(work), std::move(done)); }
    // Waits for the write, and throws its error. Not for threads that serve requests.
    void write_and_wait(Writer::Work work);

    // `expected_size_bytes` is 0 when it is not known.
    std::shared_ptr<StagedBlob> stage(std::uint64_t expected_size_bytes);
    void set_due_listener(Writer::DueListener listener) { writer_->set_due_listener(std::move(listener)); }
    Writer::Figures writer_figures() const { return writer_->figures(); }

    // A folder for incomplete files; every start empties it.
    std::filesystem::path incoming_folder() const { return directory_.path() / "incoming"; }

    // --- snapshots/store_snapshots.cpp. Called by one thread at a time, which has no Reading and is not the
    // writer's. When a function returns, its work is on disk; when it throws, or the power fails, nothing has
    // changed. Each may throw std::invalid_argument (the name of a snapshot is not valid, nothing was
    // touched), UnknownSnapshot, or std::runtime_error with the reason.

    // Saves everything under a name, and replaces the snapshot of that name, if any. Writes wait while the
    // database is copied; blobs are not copied. Returns whether it replaced one.
    bool save_snapshot(std::string const& name, std::string const& note = "");
    // Restores a snapshot. Queued writes happen before or after it; uploads in progress go on and end in the
    // restored store. The due listener is called with Time::min(), because what is due has changed.
    void restore_snapshot(std::string const& name, Replacement const& how = {});
    // The same with an empty database, to which `fill` may write before it becomes the live one. When `fill`
    // throws, nothing has changed.
    void reset(Replacement const& how = {}, Writer::Work const& fill = {});
    Snapshot snapshot(std::string const& name) const { return snapshots_->find(name); }
    // Sorted by name.
    std::vector<Snapshot> snapshots() const { return snapshots_->list(); }
    // The files that only this snapshot named are removed in the background.
    void remove_snapshot(std::string const& name);
    // Writes a snapshot and all its blobs to one file, and replaces the file of that name, if any.
    void export_snapshot(std::string const& name, std::filesystem::path const& file) const;
    // Makes a snapshot from such a file, and replaces the snapshot of that name, if any. Returns whether it
    // replaced one. Also throws ImportError.
    bool import_snapshot(std::string const& name, std::filesystem::path const& file);

private:
    std::unique_ptr<Database> open_database() const;
    bool is_blob_file_known(std::string const& name);
    void switch_to(PreparedDatabase& prepared, Replacement const& how);
    // Continues the deletions that a stop, a crash or a restore has cut off.
    void continue_deletions();
    std::int64_t last_number();

    DataDirectory directory_;
    bool const durable_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Snapshots> snapshots_;
    std::unique_ptr<BlobDirectory> blobs_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace firn::storage
