// One SQLite connection and the statements prepared on it.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <filesystem>
#include <unordered_map>

#include "storage/sqlite/query.hpp"

namespace firn::storage {

// Used by one thread at a time.
class Connection {
public:
    // The file does not change while it is open.
    struct Immutable {};
    // The file is deleted when a change fails: SQLite keeps no journal to undo the change.
    struct Unjournaled {};

    // With `durable`, a commit is on disk when it returns. All constructors throw SQLite::Exception.
    Connection(std::filesystem::path const& file, bool durable);
    // Only reads; takes no locks and creates no other files.
    Connection(std::filesystem::path const& file, Immutable);
    // Syncs nothing: the caller does.
    Connection(std::filesystem::path const& file, Unjournaled);

    // Prepares the statement at the first call and keeps it under the address of `sql`, which must therefore
    // be a literal or a static string.
    Query query(char const* sql);
    void execute(char const* sql) { database_.exec(sql); }
    SQLite::Database& database() { return database_; }
    void use_log() { execute("PRAGMA journal_mode = WAL"); }

private:
    SQLite::Database database_;
    std::unordered_map<char const*, SQLite::Statement> statements_;
};

}  // namespace firn::storage
