// The live database: the writer's connection, connections for readers, and the replacement by another
// database file while the program runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/blobs/file.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

class Database {
public:
    // A connection in a read transaction, which lasts as long as the object. For any thread. A thread that
    // has one must not wait for another, nor for a write: a replacement would wait for the first one, and the
    // others for the replacement.
    class Reader {
    public:
        explicit Reader(Database& database);
        Reader(Reader const&) = delete;
        ~Reader();
        Connection& operator*() const { return *connection_; }

    private:
        Database& database_;
        std::unique_ptr<Connection> connection_;
        std::uint64_t generation_ = 0;  // of the database at the beginning
    };

    // Exists while the database is changed or copied. Beginning and ending a transaction costs more than most
    // reads, so while nothing changes, the next reader takes over the transaction of the last. During a
    // change each reader begins its own, so that none delays a checkpoint and none shows an old state to
    // later readers.
    class Change {
    public:
        explicit Change(Database& database);
        Change(Change const&) = delete;
        ~Change();

    private:
        Database& database_;
    };

    // Opens or creates the file and migrates it to the newest schema. Throws SQLite::Exception and OpenError.
    Database(std::filesystem::path file, bool durable);
    // Checkpoints the log into the database.
    ~Database();

    // See Store::generation(). From any thread.
    std::optional<std::uint64_t> generation() const;

    // --- For the writer's thread, or while the writer is paused. The same holds for Change.
    Connection& writer();
    // Copies the database, as of the last commit, to an empty file. Throws std::runtime_error when readers of
    // an older state do not end within ten seconds.
    void copy_to(File& target);
    // Makes the finished database `prepared` the live one as soon as all readers have ended; new readers
    // wait. Returns the old file, whose space is freed when it is closed. Throws std::runtime_error, and
    // changes nothing, when the readers do not end within ten seconds or another program has the database
    // open.
    File replace(std::filesystem::path const& prepared);

private:
    class ReaderExclusion;
    struct IdleReader {
        std::unique_ptr<Connection> connection;
        bool in_transaction;
    };

    // Allocates the log's space on disk, so that deletions, which free space, still work on a full disk.
    void reserve_log() const;
    void checkpoint_log();
    void close();
    // Keeps the connection, still in its transaction, for the next reader. Returns false, and does nothing,
    // when the database has changed since the transaction began.
    bool pass_on(std::unique_ptr<Connection>& connection, std::uint64_t generation) noexcept;
    void give_back(std::unique_ptr<Connection> connection) noexcept;

    std::filesystem::path const file_;
    bool const durable_;
    // For copying. Closing any descriptor of a file drops this process's locks on it
    // (https://www.sqlite.org/howtocorrupt.html, 2.2), so this one is opened before SQLite opens the file and
    // closed after SQLite has closed it.
    File live_;
    std::unique_ptr<Connection> writer_;

    std::mutex mutex_;
    std::condition_variable reader_ended_;
    std::condition_variable opened_;
    bool closed_to_readers_ = false;
    int reader_count_ = 0;
    // Changed under the mutex; odd while a change is in progress.
    std::atomic<std::uint64_t> generation_ = 0;
    std::vector<IdleReader> idle_readers_;
};

}  // namespace firn::storage
