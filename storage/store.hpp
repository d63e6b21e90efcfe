// Everything that firn keeps: one SQLite database and one folder of blobs in a data directory.
//
// Reads see a view and never wait for writes. Writes go through one thread; when a write is reported
// done, it is on disk. The whole can be saved under a name and brought back while both go on. All functions
// may be called from any thread, those of snapshots by one at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
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

class Store {
public:
    // A view on a connection of its own for as long as it lives. Keep it short: it holds back the log's
    // clean-up and every restore. Whoever has one must not wait for another, nor for a write.
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
    // Finishes the queued writes and folds the log into the database.
    ~Store();

    Reading read() { return Reading(*this); }
    // What readings see now, as a number that grows with every change; nothing while a change is under way.
    std::optional<std::uint64_t> generation() const { return database_->generation(); }
    void write(Writer::Work work, Writer::Done done) { writer_->enqueue(std::move(work), std::move(done)); }
    // Waits for the write; throws what kept it from being done. Not for the threads that serve requests.
    void write_and_wait(Writer::Work work);

    // `expected_size_bytes` 0: not known.
    std::shared_ptr<StagedBlob> stage(std::uint64_t expected_size_bytes);
    void set_due_listener(Writer::DueListener listener) { writer_->set_due_listener(std::move(listener)); }
    Writer::Figures writer_figures() const { return writer_->figures(); }

    // A folder of this store's for files on their way in or out; emptied at every start.
    std::filesystem::path incoming_folder() const { return directory_.path() / "incoming"; }

    // --- store_states.cpp: by one thread at a time, which has no Reading and is not the writer's. When they
    // return, what they did is on disk; when they throw, or the power goes, nothing is changed. They throw
    // std::invalid_argument for what is no name of a snapshot (before they touch anything), UnknownSnapshot,
    // and std::runtime_error with the reason.

    // Keeps everything under a name, in place of the snapshot that may have it. Writes wait while the
    // database is copied; blobs are not copied.
    void save_snapshot(std::string const& name, std::string const& note = "");
    // Goes back to a snapshot, the counter of keys included: the same writes get the same keys again. So
    // nothing may carry keys over. Writes that are queued happen before or after; uploads that are under way
    // go on and meet the restored world. `switched` is called before the first write in that; it may read,
    // not write. The due listener is called with Time::min(): what is due has changed.
    void restore_snapshot(std::string const& name, std::function<void()> const& switched = {});
    // The same with an empty database that has these settings alone.
    void reset(std::map<std::string, std::string> const& settings = {},
               std::function<void()> const& switched = {});
    // In order of names.
    std::vector<Snapshot> snapshots() const { return snapshots_->list(); }
    // The bytes that it alone named go in the background.
    void remove_snapshot(std::string const& name);
    // Writes a snapshot and all its blobs to one file, in place of the file that may be there.
    void export_snapshot(std::string const& name, std::filesystem::path const& file) const;
    // Makes a snapshot of such a file, in place of the snapshot that may have that name. Throws ImportError.
    void import_snapshot(std::string const& name, std::filesystem::path const& file);

private:
    std::unique_ptr<Database> open_database() const;
    bool is_blob_file_known(std::string const& name);
    void switch_to(PreparedDatabase& prepared, std::function<void()> const& switched);

    DataDirectory directory_;
    bool const durable_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Snapshots> snapshots_;
    std::unique_ptr<BlobDirectory> blobs_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace firn::storage
