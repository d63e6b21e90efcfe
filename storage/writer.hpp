// The store's only writer: a thread that takes all queued work, runs each piece in its own savepoint, and
// commits once for all of them, so that they share the cost of a sync.
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
    // Called on the writer's thread when the outcome is known: null when the work is on disk, otherwise the
    // error.
    using Done = std::function<void(std::exception_ptr)>;
    // Called after a commit with the earliest due time that it wrote.
    using DueListener = std::function<void(Time)>;

    // While one exists, the writer commits nothing and queued work waits. The constructor waits for the
    // commit in progress. Not for the writer's own thread.
    class Pause {
    public:
        explicit Pause(Writer& writer);
        Pause(Pause const&) = delete;
        ~Pause();

    private:
        Writer& writer_;
    };

    // The work that is queued, and the work done since the start.
    struct Figures {
        std::uint64_t queue_length = 0;
        std::uint64_t commits = 0;
        std::uint64_t pieces_written = 0;
    };

    Writer(Database& database, BlobDirectory& blobs);
    // Finishes the queued work.
    ~Writer();

    void enqueue(Work work, Done done);
    // When it returns, the previous listener is not running and will not be called again.
    // No record that readings see now or later, until a commit lowers it, is due earlier than this. It may be
    // too early: removing what is due raises it only with Transaction::renew_next_due(). Time::min() when it
    // is not known: at the start, after a commit that failed, and after forget_next_due(). From any thread; a
    // work sees the state of before its commit.
    Time next_due() const { return next_due_; }
    // For when the database is replaced while the writer is paused.
    void forget_next_due() { next_due_ = Time::min(); }
    void set_due_listener(DueListener listener);
    // Calls the listener, as a commit would.
    void announce_due(Time due);
    Figures figures() const;

private:
    struct Piece {
        Work work;
        Done done;
        std::exception_ptr error = nullptr;
    };
    // What to call once a commit is on disk, or once it is certain that it never will be.
    struct Effects {
        std::vector<std::function<void()>> after_commit;
        std::vector<std::function<void()>> undo;
        std::vector<Work> next;
        std::optional<Time> earliest_due;
        bool renews_next_due = false;
    };

    void loop();
    void commit(std::vector<Piece>& batch);
    // Queues the work that a commit has left for later; not when the writer stops.
    void enqueue_next(std::vector<Work> next);
    // Commits the batch. A piece that fails gets its error; the others are committed.
    Effects change_database(std::vector<Piece>& batch);
    void run(Connection& connection, Piece& piece, Effects& effects);
    void overwrite_failed_commit() noexcept;
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
    // The undo functions of failed commits that may reappear after a crash. Used by the writer's thread only.
    std::vector<std::function<void()>> failed_;
    std::condition_variable idle_;
    // Written under the mutex or by the writer's thread; read by any thread.
    std::atomic<std::uint64_t> queue_length_ = 0;
    std::atomic<std::uint64_t> commits_ = 0;
    std::atomic<std::uint64_t> pieces_written_ = 0;
    std::atomic<Time> next_due_ = Time::min();
    std::thread thread_;
};

}  // namespace firn::storage
