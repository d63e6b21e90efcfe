#include "storage/sqlite/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "storage/sqlite/schema.hpp"

namespace firn::storage {
namespace fs = std::filesystem;
namespace {

constexpr auto readers_timeout = std::chrono::seconds(10);
// SQLite starts the log over after a thousand pages (https://www.sqlite.org/wal.html#ckpt).
constexpr std::uint64_t log_reserve_bytes = 1100 * 4096;

// Closes a connection whose transaction does not end, so that it is not used again.
void end_transaction(std::unique_ptr<Connection>& connection) noexcept {
    try {
        connection->query("COMMIT").run();
    } catch (std::exception const&) {
        connection.reset();
    }
}

}  // namespace

// While one exists, new readers wait. The constructor waits until the last reader has ended.
class Database::ReaderExclusion {
public:
    explicit ReaderExclusion(Database& database) : database_(database) {
        std::unique_lock lock(database_.mutex_);
        database_.closed_to_readers_ = true;
        auto const ended = [this] { return database_.reader_count_ == 0; };
        if (database_.reader_ended_.wait_for(lock, readers_timeout, ended)) return;
        database_.closed_to_readers_ = false;
        database_.opened_.notify_all();
        throw std::runtime_error("the database cannot be copied or replaced now: it is still being read");
    }
    ReaderExclusion(ReaderExclusion const&) = delete;
    ~ReaderExclusion() {
        std::lock_guard const lock(database_.mutex_);
        database_.closed_to_readers_ = false;
        database_.opened_.notify_all();
    }

private:
    Database& database_;
};

Database::Reader::Reader(Database& database) : database_(database) {
    bool in_transaction = false;
    {
        std::unique_lock lock(database_.mutex_);
        database_.opened_.wait(lock, [this] { return !database_.closed_to_readers_; });
        ++database_.reader_count_;
        generation_ = database_.generation_;
        if (!database_.idle_readers_.empty()) {
            connection_ = std::move(database_.idle_readers_.back().connection);
            in_transaction = database_.idle_readers_.back().in_transaction;
            database_.idle_readers_.pop_back();
        }
    }
    if (in_transaction) return;
    try {
        if (!connection_) connection_ = std::make_unique<Connection>(database_.file_, database_.durable_);
        connection_->query("BEGIN").run();
    } catch (...) {
        connection_.reset();
        database_.give_back(nullptr);
        throw;
    }
}

Database::Reader::~Reader() {
    if (database_.pass_on(connection_, generation_)) return;
    end_transaction(connection_);
    database_.give_back(std::move(connection_));
}

std::optional<std::uint64_t> Database::generation() const {
    std::uint64_t const now = generation_;
    return now % 2 == 0 ? std::optional(now) : std::nullopt;
}

bool Database::pass_on(std::unique_ptr<Connection>& connection, std::uint64_t generation) noexcept {
    std::lock_guard const lock(mutex_);
    if (this->generation() != generation) return false;
    idle_readers_.push_back({std::move(connection), true});
    if (--reader_count_ == 0) reader_ended_.notify_all();
    return true;
}

void Database::give_back(std::unique_ptr<Connection> connection) noexcept {
    std::lock_guard const lock(mutex_);
    if (connection) idle_readers_.push_back({std::move(connection), false});
    if (--reader_count_ == 0) reader_ended_.notify_all();
}

Database::Change::Change(Database& database) : database_(database) {
    std::lock_guard const lock(database_.mutex_);
    ++database_.generation_;
    for (auto& reader : database_.idle_readers_) {
        if (std::exchange(reader.in_transaction, false)) end_transaction(reader.connection);
    }
    std::erase_if(database_.idle_readers_, [](IdleReader const& reader) { return !reader.connection; });
}

Database::Change::~Change() {
    std::lock_guard const lock(database_.mutex_);
    ++database_.generation_;
}

Database::Database(fs::path file, bool durable) : file_(std::move(file)), durable_(durable) {
    migrate(writer());
}

Database::~Database() {
    idle_readers_.clear();
    if (writer_) writer_->database().tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
}

Connection& Database::writer() {
    // Also opens the database again when that failed at the end of a replacement.
    if (!live_) live_ = File::open(file_, O_CREAT | O_RDONLY, 0644);
    if (!writer_) {
        writer_ = std::make_unique<Connection>(file_, durable_);
        if (durable_) reserve_log();
    }
    return *writer_;
}

void Database::reserve_log() const {
    try {
        File::open(file_.string() + "-wal", O_CREAT | O_WRONLY, 0644).reserve(log_reserve_bytes);
    } catch (std::system_error const&) {
        // The disk is full already. Reading still works.
    }
}

void Database::checkpoint_log() {
    // Most of the log is written while readers still go on. For the rest they wait: SQLite waits until no
    // reader needs an older state, and among many short readers that moment may not come.
    writer().database().tryExec("PRAGMA wal_checkpoint(PASSIVE)");
    ReaderExclusion const exclusion(*this);
    if (sqlite3_wal_checkpoint_v2(writer().database().getHandle(), "main", SQLITE_CHECKPOINT_FULL, nullptr,
                                  nullptr) != SQLITE_OK) {
        throw std::runtime_error("the log cannot be written into the database: " +
                                 std::string(writer_->database().getErrorMsg()));
    }
}

void Database::copy_to(File& target) {
    Change const change(*this);
    checkpoint_log();
    // Only a checkpoint writes to the file, and only the writer makes checkpoints.
    target.copy_from(live_);
}

void Database::close() {
    idle_readers_.clear();
    // The last connection checkpoints the log and deletes it: a log beside another database would damage it.
    writer_.reset();
    if (fs::exists(file_.string() + "-wal")) {
        throw std::runtime_error("the database cannot be replaced: another program has it open");
    }
    // The deletion of the log is durable before the new database has its name: a crash must not restore it.
    if (durable_) sync_directory(file_.parent_path());
}

File Database::replace(fs::path const& prepared) {
    Change const change(*this);
    // Writes and syncs most of the log while readers still go on.
    writer().database().tryExec("PRAGMA wal_checkpoint(PASSIVE)");
    ReaderExclusion const exclusion(*this);
    close();
    auto previous = std::exchange(live_, File());
    // A second name for the old file, to restore it after an error. Every start empties this folder. Not
    // every file system has hard links.
    auto const aside = prepared.string() + "-previous";
    std::error_code link_error;
    fs::remove(aside, link_error);
    fs::create_hard_link(file_, aside, link_error);
    // A crash before this line leaves the old database, and one after it the new; each is whole, without log.
    rename_file(prepared, file_);
    try {
        if (durable_) sync_directory(file_.parent_path());
        writer();
    } catch (...) {
        // After a failure the old database stays the live one.
        writer_.reset();
        live_ = File();
        if (!link_error) rename_file(aside, file_);
        throw;
    }
    fs::remove(aside, link_error);
    return previous;
}

}  // namespace firn::storage
