// The live database: the writer's connection, a few for readers, and the way to put another database file in
// its place while the program runs.
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
    // A reader's connection, in a transaction, for as long as it lives. From any thread; one that has a
    // reader must not wait for another, nor for a write: a replacement lets this one end first.
    class Reader {
    public:
        explicit Reader(Database& database);
        Reader(Reader const&) = delete;
        ~Reader();
        Connection& operator*() const { return *connection_; }

    private:
        Database& database_;
        std::unique_ptr<Connection> connection_;
        std::uint64_t generation_ = 0;  // of the database when it began
    };

    // Around everything that changes the database or copies it. To begin and end a transaction costs more
    // than most reads: while nothing changes, one that a reader leaves stays open for the next. While
    // something does, each reader has its own, so that none holds back a checkpoint, and none shows later
    // readers an old moment.
    class Change {
    public:
        explicit Change(Database& database);
        Change(Change const&) = delete;
        ~Change();

    private:
        Database& database_;
    };

    // Opens the file, or makes it, and brings its schema to the newest version. Throws SQLite::Exception and
    // OpenError.
    Database(std::filesystem::path file, bool durable);
    // Folds the log into the database.
    ~Database();

    // See Store::generation(). From any thread.
    std::optional<std::uint64_t> generation() const;

    // --- For the writer's thread, or while it is paused; so is Change.
    Connection& writer();
    // Copies the database to an empty file as the last commit left it. Throws std::runtime_error when readers
    // of an older moment do not end within ten seconds.
    void copy_to(File& target);
    // Makes the finished database `prepared` the live one, as soon as all readers have ended; those that come
    // meanwhile wait. Gives the old file back: with it, its space is freed. Throws std::runtime_error when
    // they do not end within ten seconds, or when another program has the database open; nothing is changed
    // then.
    File replace(std::filesystem::path const& prepared);

private:
    class ReadersOut;
    struct IdleReader {
        std::unique_ptr<Connection> connection;
        bool in_transaction;
    };

    // Takes the log's room on disk, so that on a full one the deletions that free space still find some.
    void reserve_log() const;
    void fold_log();
    void close();
    // Still in its transaction, if nothing has changed since that began; else it does nothing.
    bool pass_on(std::unique_ptr<Connection>& connection, std::uint64_t generation) noexcept;
    void give_back(std::unique_ptr<Connection> connection) noexcept;

    std::filesystem::path const file_;
    bool const durable_;
    // Closing any descriptor of a file drops this process's locks on it
    // (https://www.sqlite.org/howtocorrupt.html, 2.2): this one is opened for copying before SQLite opens the
    // file, and closed after SQLite has closed it.
    File live_;
    std::unique_ptr<Connection> writer_;

    std::mutex mutex_;
    std::condition_variable reader_ended_;
    std::condition_variable opened_;
    bool closed_to_readers_ = false;
    int reader_count_ = 0;
    // Changed under the mutex; odd while a change is under way.
    std::atomic<std::uint64_t> generation_ = 0;
    std::vector<IdleReader> idle_readers_;
};

}  // namespace firn::storage
