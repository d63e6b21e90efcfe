// Ends something before it is due.
#pragma once

#include "storage/transaction.hpp"

namespace firn::control {

// Does now exactly what would happen at the due time.
inline void expire(storage::Transaction& transaction, storage::Due const& due) {
    storage::due_kind(due.kind).step(transaction, due);
}

}  // namespace firn::control
