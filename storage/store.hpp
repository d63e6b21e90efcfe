// Everything that firn keeps: one SQLite database and one folder of blobs in a data directory.
//
// Reads see a snapshot and never wait for writes. Writes go through one thread; when a write is reported
// done, it is on disk. All functions may be called from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/blob_directory.hpp"
#include "storage/connection.hpp"
#include "storage/data_directory.hpp"
#include "storage/snapshot.hpp"
#include "storage/transaction.hpp"
#include "storage/writer.hpp"

namespace firn::storage {

class Store {
public:
    // A snapshot on a connection of its own for as long as it lives. Keep it short: it holds back the log's
    // clean-up.
    class Reading {
    public:
        explicit Reading(Store& store);
        Reading(Reading const&) = delete;
        ~Reading();
        Snapshot const& operator*() const { return snapshot_; }
        Snapshot const* operator->() const { return &snapshot_; }

    private:
        Store& store_;
        std::unique_ptr<Connection> connection_;
        Snapshot snapshot_;
    };

    // Throws OpenError.
    explicit Store(DataDirectory directory);
    // Finishes the queued writes and folds the log into the database.
    ~Store();

    Reading read() { return Reading(*this); }
    void write(Writer::Work work, Writer::Done done) { writer_->enqueue(std::move(work), std::move(done)); }
    // Waits for the write; throws what kept it from being done. Not for the threads that serve requests.
    void write_and_wait(Writer::Work work);

    // `expected_size_bytes` 0: not known.
    std::shared_ptr<StagedBlob> stage(std::uint64_t expected_size_bytes);
    void set_due_listener(Writer::DueListener listener) { writer_->set_due_listener(std::move(listener)); }

private:
    std::unique_ptr<Connection> take_reader();
    void give_back_reader(std::unique_ptr<Connection> connection);

    DataDirectory directory_;
    std::filesystem::path const database_file_;
    bool const durable_;
    std::unique_ptr<Connection> writer_connection_;
    std::unique_ptr<BlobDirectory> blobs_;
    std::mutex readers_mutex_;
    std::vector<std::unique_ptr<Connection>> idle_readers_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace firn::storage
