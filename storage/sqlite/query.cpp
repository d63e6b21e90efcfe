#include "storage/sqlite/query.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>

namespace firn::storage {

void Query::bind_one(int index, std::span<std::byte const> bytes) {
    // A null pointer would bind NULL, not an empty blob.
    void const* const begin = bytes.empty() ? static_cast<void const*>("") : bytes.data();
    statement_.bindNoCopy(index, begin, static_cast<int>(bytes.size()));
}

void Query::read_one(std::span<std::byte const>& bytes) {
    auto const value = statement_.getColumn(column_++);
    bytes = {static_cast<std::byte const*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

void Query::read_one(Digest& digest) {
    std::span<std::byte const> stored;
    read_one(stored);
    if (stored.size() != digest.size()) {
        throw SQLite::Exception("a digest in the database has the wrong size", SQLITE_CORRUPT);
    }
    std::copy(stored.begin(), stored.end(), digest.begin());
}

}  // namespace firn::storage
