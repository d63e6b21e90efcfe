// The store's one writer: a thread that takes all the work that is queued, runs each piece in its own
// savepoint, and commits once for all of them, so that the price of a sync is shared.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/sqlite/database.hpp"
#include "storage/transaction.hpp"

namespace firn::storage {

class Writer {
public:
    using Work = std::function<void(Transaction&)>;
    // Called on the writer thread when the outcome is known: nothing when the work is on disk, else why it is
    // not.
    using Done = std::function<void(std::exception_ptr)>;
    // Called after a commit that wrote something due at that time.
    using DueListener = std::function<void(Time)>;

    // Holds the writer between two commits for as long as it lives: what is queued waits. Not for the
    // writer's own thread.
    class Pause {
    public:
        explicit Pause(Writer& writer);
        Pause(Pause const&) = delete;
        ~Pause();

    private:
        Writer& writer_;
    };

    // What it has to do and what it has done since it started.
    struct Figures {
        std::uint64_t queue_length = 0;
        std::uint64_t commits = 0;
        std::uint64_t pieces_written = 0;
    };

    Writer(Database& database, BlobDirectory& blobs);
    // Finishes what is queued.
    ~Writer();

    void enqueue(Work work, Done done);
    // When it returns, the listener before it is not running and will not be called again.
    void set_due_listener(DueListener listener);
    // Tells the listener, as a commit would.
    void announce_due(Time due);
    Figures figures() const;

private:
    struct Piece {
        Work work;
        Done done;
        std::exception_ptr error = nullptr;
    };
    // What a commit leaves to be done once it is on disk, or once it is certain that it never will be.
    struct Effects {
        std::vector<std::function<void()>> after_commit;
        std::vector<std::function<void()>> undo;
        std::optional<Time> earliest_due;
    };

    void loop();
    void commit(std::vector<Piece>& batch);
    // Writes what can be written of the batch; each piece that cannot gets its error.
    Effects change_database(std::vector<Piece>& batch);
    void run(Connection& connection, Piece& piece, Effects& effects);
    void bury_failed_commit() noexcept;
    void undo_failed_commits();

    Database& database_;
    BlobDirectory& blobs_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Piece> queue_;
    std::mutex due_listener_mutex_;
    DueListener due_listener_;
    bool stopping_ = false;
    bool committing_ = false;
    int pauses_ = 0;
    // Of failed commits that a crash might still bring to life. On the writer's thread only.
    std::vector<std::function<void()>> failed_;
    std::condition_variable idle_;
    // Written under the mutex or on the writer's thread; read by anybody.
    std::atomic<std::uint64_t> queue_length_ = 0;
    std::atomic<std::uint64_t> commits_ = 0;
    std::atomic<std::uint64_t> pieces_written_ = 0;
    std::thread thread_;
};

}  // namespace firn::storage
