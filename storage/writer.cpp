#include "storage/writer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

namespace firn::storage {
namespace {

// A transaction or a savepoint: the destructor undoes what was done in it, unless it was kept. Unlike those
// of SQLite::Transaction and SQLite::Savepoint, its statements are prepared once, since a batch has a
// savepoint for each piece.
class Scope {
public:
    struct Statements {
        char const* begin;
        char const* keep;
        std::initializer_list<char const*> undo;
    };

    Scope(Connection& connection, Statements const& statements)
        : connection_(connection), statements_(statements) {
        connection_.query(statements_.begin).run();
    }
    Scope(Scope const&) = delete;
    ~Scope() {
        if (kept_) return;
        try {
            for (auto const* const sql : statements_.undo) connection_.query(sql).run();
        } catch (SQLite::Exception const&) {
            // SQLite has rolled back everything already.
        }
    }
    void keep() {
        connection_.query(statements_.keep).run();
        kept_ = true;
    }

private:
    Connection& connection_;
    Statements const& statements_;
    bool kept_ = false;
};

Scope::Statements const transaction_statements{"BEGIN IMMEDIATE", "COMMIT", {"ROLLBACK"}};
Scope::Statements const piece_statements{
    "SAVEPOINT piece", "RELEASE piece", {"ROLLBACK TO piece", "RELEASE piece"}};

}  // namespace

Writer::Pause::Pause(Writer& writer) : writer_(writer) {
    std::unique_lock lock(writer_.mutex_);
    ++writer_.pauses_;
    writer_.idle_.wait(lock, [this] { return !writer_.committing_; });
}

Writer::Pause::~Pause() {
    {
        std::lock_guard const lock(writer_.mutex_);
        --writer_.pauses_;
    }
    writer_.wake_.notify_one();
}

Writer::Writer(Database& database, BlobDirectory& blobs)
    : database_(database), blobs_(blobs), thread_([this] { loop(); }) {}

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
        queue_length_ = queue_.size();
    }
    wake_.notify_one();
}

void Writer::set_due_listener(DueListener listener) {
    std::lock_guard const lock(due_listener_mutex_);
    due_listener_ = std::move(listener);
}

void Writer::announce_due(Time due) {
    std::lock_guard const lock(due_listener_mutex_);
    if (due_listener_) due_listener_(due);
}

Writer::Figures Writer::figures() const {
    return {queue_length_, commits_, pieces_written_};
}

void Writer::loop() {
    for (;;) {
        std::vector<Piece> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return pauses_ == 0 && (stopping_ || !queue_.empty()); });
            if (queue_.empty()) return;
            batch.swap(queue_);
            queue_length_ = 0;
            committing_ = true;
        }
        commit(batch);
        // Destroys what the pieces hold before a pause begins: it may be blobs that no row names.
        batch.clear();
        {
            std::lock_guard const lock(mutex_);
            committing_ = false;
        }
        idle_.notify_all();
    }
}

void Writer::commit(std::vector<Piece>& batch) {
    auto effects = change_database(batch);
    for (auto& piece : batch) piece.done(piece.error);
    for (auto const& effect : effects.after_commit) effect();
    if (effects.earliest_due) announce_due(*effects.earliest_due);
    enqueue_next(std::move(effects.next));
}

void Writer::enqueue_next(std::vector<Work> next) {
    if (next.empty()) return;
    std::lock_guard const lock(mutex_);
    if (stopping_) return;
    for (auto& work : next) queue_.push_back({std::move(work), [](std::exception_ptr) {}});
    queue_length_ = queue_.size();
}

Writer::Effects Writer::change_database(std::vector<Piece>& batch) {
    Database::Change const change(database_);
    Effects effects;
    try {
        auto& connection = database_.writer();
        Scope transaction(connection, transaction_statements);
        for (auto& piece : batch) run(connection, piece, effects);
        // Lowered before readings see the commit, and raised after it.
        auto next_due = std::min(next_due_.load(), effects.earliest_due.value_or(Time::max()));
        next_due_ = next_due;
        if (effects.renews_next_due) next_due = View(connection, blobs_).next_due().value_or(Time::max());
        transaction.keep();
        next_due_ = next_due;
        undo_failed_commits();
        ++commits_;
        pieces_written_ += static_cast<std::uint64_t>(
            std::count_if(batch.begin(), batch.end(), [](Piece const& piece) { return !piece.error; }));
        return effects;
    } catch (...) {
        // The commit itself failed: no piece of the batch is certain.
        forget_next_due();
        for (auto& piece : batch) {
            if (!piece.error) piece.error = std::current_exception();
        }
        std::move(effects.undo.begin(), effects.undo.end(), std::back_inserter(failed_));
        overwrite_failed_commit();
        return {};
    }
}

// A commit whose sync failed is whole in the log, where recovery after a crash would find it. A commit that
// changes no record overwrites it before the failure is reported.
void Writer::overwrite_failed_commit() noexcept {
    try {
        auto& connection = database_.writer();
        Scope transaction(connection, transaction_statements);
        connection.query("UPDATE counter SET last_number = last_number + 1").run();
        transaction.keep();
        undo_failed_commits();
    } catch (std::exception const&) {
        // The disk accepts nothing now: the next commit that succeeds overwrites it.
    }
}

void Writer::undo_failed_commits() {
    for (auto const& undo : std::exchange(failed_, {})) undo();
}

void Writer::run(Connection& connection, Piece& piece, Effects& effects) {
    Transaction transaction(connection, blobs_);
    try {
        Scope savepoint(connection, piece_statements);
        piece.work(transaction);
        savepoint.keep();
    } catch (...) {
        piece.error = std::current_exception();
        for (auto const& undo : transaction.take_undo()) undo();
        // A full disk or an I/O error makes SQLite roll back the whole transaction. The pieces after this one
        // would then run outside of any.
        bool const all_undone = sqlite3_get_autocommit(connection.database().getHandle()) != 0;
        if (all_undone) throw;
        return;
    }
    for (auto& undo : transaction.take_undo()) effects.undo.push_back(std::move(undo));
    for (auto& effect : transaction.take_after_commit()) effects.after_commit.push_back(std::move(effect));
    effects.renews_next_due |= transaction.renews_next_due();
    for (auto& work : transaction.take_next()) effects.next.push_back(std::move(work));
    if (auto const due = transaction.earliest_due()) {
        effects.earliest_due = std::min(*due, effects.earliest_due.value_or(*due));
    }
}

}  // namespace firn::storage
