// One SQLite connection and the statements prepared on it.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/hash/sha256.hpp"
#include "storage/time.hpp"

namespace firn::storage {

// A prepared statement in use: bind, step, read columns. Gives it back, reset, when it goes out of scope; a
// statement left half-way would hold its read transaction open.
class Query {
public:
    explicit Query(SQLite::Statement& statement) : statement_(statement) {}
    Query(Query const&) = delete;
    ~Query() {
        statement_.tryReset();
        statement_.clearBindings();
    }

    // Binds the arguments to ?1, ?2, … Spans are not copied: their bytes must live until
    // the query ends.
    template <typename... Arguments>
    Query& bind(Arguments const&... arguments) {
        int index = 0;
        (bind_one(++index, arguments), ...);
        return *this;
    }
    // True while there is a row.
    bool step() { return statement_.executeStep(); }
    // For statements without rows: how many rows they changed.
    int run() { return statement_.exec(); }

    bool is_null(int column) { return statement_.getColumn(column).isNull(); }
    std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
    std::string text(int column);
    Time time(int column) { return Time(Duration(integer(column))); }
    Digest digest(int column);
    std::span<std::byte const> bytes(int column);
    std::optional<std::int64_t> optional_integer(int column);
    std::optional<std::string> optional_text(int column);
    std::optional<Time> optional_time(int column);
    std::optional<Digest> optional_digest(int column);

private:
    void bind_one(int index, std::int64_t value) { statement_.bind(index, value); }
    void bind_one(int index, std::uint64_t value) {
        statement_.bind(index, static_cast<std::int64_t>(value));
    }
    void bind_one(int index, int value) { statement_.bind(index, value); }
    void bind_one(int index, Time value) { bind_one(index, std::int64_t{value.time_since_epoch().count()}); }
    void bind_one(int index, std::string const& text) { statement_.bind(index, text); }
    void bind_one(int index, std::string_view text) { statement_.bind(index, std::string(text)); }
    void bind_one(int index, std::span<std::byte const> bytes);
    // Copied: digests are small and often temporaries.
    void bind_one(int index, Digest const& digest) {
        statement_.bind(index, digest.data(), static_cast<int>(digest.size()));
    }
    void bind_one(int index, std::nullopt_t) { statement_.bind(index); }
    template <typename T>
    void bind_one(int index, std::optional<T> const& value) {
        if (value) {
            bind_one(index, *value);
        } else {
            statement_.bind(index);
        }
    }

    SQLite::Statement& statement_;
};

// Used by one thread at a time.
class Connection {
public:
    // Of a file that nobody changes while it is open.
    struct Immutable {};
    // Of a file that goes when a change fails: nothing is noted that would undo the change.
    struct Unjournaled {};

    // `durable`: a commit is on disk when it returns. Throws SQLite::Exception.
    Connection(std::filesystem::path const& file, bool durable);
    // Reads only, takes no locks and leaves no files beside it.
    Connection(std::filesystem::path const& file, Immutable);
    // Synced by whoever keeps it.
    Connection(std::filesystem::path const& file, Unjournaled);

    // `sql` must be a literal: it is prepared once and kept by its address.
    Query query(char const* sql);
    void execute(char const* sql) { database_.exec(sql); }
    SQLite::Database& database() { return database_; }
    void use_log() { execute("PRAGMA journal_mode = WAL"); }

private:
    SQLite::Database database_;
    std::unordered_map<char const*, SQLite::Statement> statements_;
};

// Whether a row of the database names this file of the blob directory.
bool names_blob_file(Connection& connection, std::string const& file);

}  // namespace firn::storage
