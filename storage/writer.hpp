// The store's one writer: a thread that takes all the work that is queued, runs each piece in its own
// savepoint, and commits once for all of them, so that the price of a sync is shared.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/connection.hpp"
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

    Writer(Connection& connection, BlobDirectory& blobs);
    // Finishes what is queued.
    ~Writer();

    void enqueue(Work work, Done done);
    // When it returns, the listener before it is not running and will not be called again.
    void set_due_listener(DueListener listener);

private:
    struct Piece {
        Work work;
        Done done;
        std::exception_ptr error = nullptr;
    };
    // What a commit leaves to be done once it is on disk.
    struct Effects {
        std::vector<std::function<void()>> after_commit;
        std::optional<Time> earliest_due;
    };

    void loop();
    void commit(std::vector<Piece>& batch);
    void run(Piece& piece, Effects& effects);

    Connection& connection_;
    BlobDirectory& blobs_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Piece> queue_;
    std::mutex due_listener_mutex_;
    DueListener due_listener_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace firn::storage
