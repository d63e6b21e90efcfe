#include "storage/sqlite/connection.hpp"

#include <cctype>

namespace firn::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;

// Escapes the characters that have a meaning in a URI.
std::string immutable_uri(std::filesystem::path const& file) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string uri = "file:";
    for (char const c : file.string()) {
        auto const byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_') {
            uri += c;
        } else {
            uri += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return uri + "?immutable=1";
}

}  // namespace

Connection::Connection(std::filesystem::path const& file, bool durable)
    : database_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, busy_timeout_ms) {
    database_.exec(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    use_log();
    // Without a limit the log file would keep the largest size that it ever had.
    database_.exec("PRAGMA journal_size_limit = 67108864");
}

Connection::Connection(std::filesystem::path const& file, Immutable)
    : database_(immutable_uri(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX) {}

Connection::Connection(std::filesystem::path const& file, Unjournaled)
    : database_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX) {
    database_.exec("PRAGMA synchronous = OFF");
    database_.exec("PRAGMA journal_mode = OFF");
}

Query Connection::query(char const* sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        found = statements_.emplace(sql, SQLite::Statement(database_, sql)).first;
    }
    return Query(found->second);
}

}  // namespace firn::storage
