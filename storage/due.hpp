// What firn does at a stored time, without a request: a table with one row for each kind. events.cpp lists
// what users see of it.
#pragma once

#include <cstdint>

#include "storage/time.hpp"

namespace firn::storage {

class Transaction;

// Something that is due at a time.
struct Due {
    // In the order of the table; a new kind needs a row there.
    enum class Kind { job_completes, job_expires, inventory, upload_dropped, lock_ends, capacity_ends };
    Kind kind;
    Time at;
    std::int64_t pk;  // of the job, vault (inventory and lock), upload or capacity unit
};

struct DueKind {
    Due::Kind kind;
    // Where it is stored: when it is due, and the key of what it is about.
    char const* table;
    char const* time_column;  // NULL: nothing is due; needs an index
    char const* key_column;
    char const* condition;  // in SQL: tells its rows from those of the other kind in the same table
    // Does what is due; null when that is decided outside storage (server/glacier/due_work).
    void (*step)(Transaction&, Due const&);
};

DueKind const& due_kind(Due::Kind kind);

}  // namespace firn::storage
