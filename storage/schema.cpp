#include "storage/schema.hpp"

#include <SQLiteCpp/Transaction.h>

#include "storage/data_directory.hpp"

namespace firn::storage {

void migrate(Connection& connection) {
    auto& database = connection.database();
    auto const version = static_cast<std::size_t>(database.execAndGet("PRAGMA user_version").getInt());
    if (version > migrations.size()) {
        throw OpenError("the database has schema version " + std::to_string(version) + ", this firn knows " +
                        std::to_string(migrations.size()) + ": it was written by a newer firn");
    }
    for (auto next = version; next < migrations.size(); ++next) {
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        database.exec(std::string(migrations[next]));
        database.exec("PRAGMA user_version = " + std::to_string(next + 1));
        transaction.commit();
    }
}

}  // namespace firn::storage
