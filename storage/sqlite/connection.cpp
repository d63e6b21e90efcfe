#include "storage/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>

namespace firn::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;

// In a URI a path must not look like the parts behind it.
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

std::string Query::text(int column) {
    return statement_.getColumn(column).getString();
}

std::span<std::byte const> Query::bytes(int column) {
    auto const value = statement_.getColumn(column);
    return {static_cast<std::byte const*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

Digest Query::digest(int column) {
    auto const stored = bytes(column);
    Digest digest{};
    if (stored.size() != digest.size())
        throw SQLite::Exception("the database holds a digest of a wrong size", SQLITE_CORRUPT);
    std::copy(stored.begin(), stored.end(), digest.begin());
    return digest;
}

std::optional<std::int64_t> Query::optional_integer(int column) {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Query::optional_text(int column) {
    return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<Time> Query::optional_time(int column) {
    return is_null(column) ? std::nullopt : std::optional(time(column));
}

std::optional<Digest> Query::optional_digest(int column) {
    return is_null(column) ? std::nullopt : std::optional(digest(column));
}

void Query::bind_one(int index, std::span<std::byte const> bytes) {
    // A null pointer would bind NULL, not an empty blob.
    void const* const begin = bytes.empty() ? static_cast<void const*>("") : bytes.data();
    statement_.bindNoCopy(index, begin, static_cast<int>(bytes.size()));
}

Connection::Connection(std::filesystem::path const& file, bool durable)
    : database_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, busy_timeout_ms) {
    database_.exec(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    use_log();
    // Without a bound the log keeps the size of its largest moment.
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

bool names_blob_file(Connection& connection, std::string const& file) {
    auto query = connection.query("SELECT 1 FROM blobs WHERE file = ?1");
    query.bind(file);
    return query.step();
}

}  // namespace firn::storage
