#include "storage/connection.hpp"

#include <algorithm>
#include <stdexcept>

namespace firn::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;

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
        throw std::runtime_error("the database holds a digest of a wrong size");
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
    database_.exec("PRAGMA journal_mode = WAL");
    database_.exec(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    // Without a bound the log keeps the size of its largest moment.
    database_.exec("PRAGMA journal_size_limit = 67108864");
}

Query Connection::query(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        found = statements_.emplace(sql, SQLite::Statement(database_, std::string(sql))).first;
    }
    return Query(found->second);
}

}  // namespace firn::storage
