// The live database: the writer's connection, a few for readers, and the way to put another database file in
// its place while the program runs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/connection.hpp"
#include "storage/file.hpp"

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
        std::uint64_t generation_ = 0;  // of the database when its transaction began
    };

    // Opens the file, or makes it, and brings its schema to the newest version. Throws SQLite::Exception and
    // OpenError.
    Database(std::filesystem::path file, bool durable);
    // Folds the log into the database.
    ~Database();

    // --- For the writer's thread, or while it is paused.
    Connection& writer();
    // To be called before and after each commit. Readers' transactions stay open from one reader to the next
    // while nothing is written, since to begin and end one costs more than most reads; here those that nobody
    // uses end, so that later readers see the commit, and the log can be folded in.
    void end_idle_reads();
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

    void fold_log();
    void close();
    struct IdleReader {
        std::unique_ptr<Connection> connection;
        bool in_transaction;
    };

    // In its transaction, if that began in this generation; else nothing is done.
    bool give_back_open(std::unique_ptr<Connection>& connection, std::uint64_t generation) noexcept;
    void give_back(IdleReader reader) noexcept;

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
    std::uint64_t generation_ = 0;  // counts end_idle_reads()
    // Those that are in a transaction have begun it in this generation.
    std::vector<IdleReader> idle_readers_;
};

}  // namespace firn::storage
