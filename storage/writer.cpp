#include "storage/writer.hpp"

#include <SQLiteCpp/Savepoint.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>

namespace firn::storage {

Writer::Writer(Connection& connection, BlobDirectory& blobs)
    : connection_(connection), blobs_(blobs), thread_([this] { loop(); }) {}

Writer::~Writer() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Writer::enqueue(Work work, Done done) {
    {
        std::lock_guard const lock(mutex_);
        queue_.push_back({std::move(work), std::move(done)});
    }
    wake_.notify_one();
}

void Writer::set_due_listener(DueListener listener) {
    std::lock_guard const lock(due_listener_mutex_);
    due_listener_ = std::move(listener);
}

void Writer::loop() {
    for (;;) {
        std::vector<Piece> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            batch.swap(queue_);
        }
        commit(batch);
    }
}

void Writer::commit(std::vector<Piece>& batch) {
    Effects effects;
    try {
        SQLite::Transaction transaction(connection_.database(), SQLite::TransactionBehavior::IMMEDIATE);
        for (auto& piece : batch) run(piece, effects);
        transaction.commit();
    } catch (...) {
        // The commit itself failed: nothing of the batch is certain.
        for (auto& piece : batch) {
            if (!piece.error) piece.error = std::current_exception();
        }
        effects = {};
    }
    for (auto& piece : batch) piece.done(piece.error);
    for (auto const& effect : effects.after_commit) effect();
    std::lock_guard const lock(due_listener_mutex_);
    if (effects.earliest_due && due_listener_) due_listener_(*effects.earliest_due);
}

void Writer::run(Piece& piece, Effects& effects) {
    Transaction transaction(connection_, blobs_);
    try {
        SQLite::Savepoint savepoint(connection_.database(), "piece");
        piece.work(transaction);
        savepoint.release();
    } catch (...) {
        piece.error = std::current_exception();
        for (auto const& undo : transaction.take_undo()) undo();
        // A full disk or an I/O error makes SQLite roll back everything; what came after would commit by
        // itself.
        bool const all_undone = sqlite3_get_autocommit(connection_.database().getHandle()) != 0;
        if (all_undone) throw;
        return;
    }
    for (auto& effect : transaction.take_after_commit()) effects.after_commit.push_back(std::move(effect));
    if (auto const due = transaction.earliest_due()) {
        effects.earliest_due = std::min(*due, effects.earliest_due.value_or(*due));
    }
}

}  // namespace firn::storage
