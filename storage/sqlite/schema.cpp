#include "storage/sqlite/schema.hpp"

#include <SQLiteCpp/Transaction.h>

#include "storage/data_directory.hpp"

namespace firn::storage {

namespace {

// Tables, columns and indexes by name and type, not by their SQL, in which a comment may differ.
std::vector<std::string> schema_of(Connection& connection) {
    auto query = connection.query(R"(
        SELECT quote(m.type) || quote(m.name) || quote(m.tbl_name) || quote(c.name) || quote(c.type) ||
            quote(c."notnull") || quote(c.pk) || quote(c.hidden)
        FROM sqlite_schema AS m LEFT JOIN pragma_table_xinfo(m.name) AS c
        ORDER BY 1)");
    return query.all<std::string>();
}

std::size_t version_of(Connection& connection) {
    return static_cast<std::size_t>(connection.database().execAndGet("PRAGMA user_version").getInt());
}

}  // namespace

void migrate(Connection& connection, std::size_t to_version) {
    auto& database = connection.database();
    auto const version = version_of(connection);
    if (version > migrations.size()) {
        throw OpenError("the database has schema version " + std::to_string(version) + ", this firn knows " +
                        std::to_string(migrations.size()) + ": it was written by a newer version of firn");
    }
    if (version >= to_version) return;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    for (auto next = version; next < to_version; ++next) database.exec(std::string(migrations[next].text));
    database.exec("PRAGMA user_version = " + std::to_string(to_version));
    transaction.commit();
}

bool has_schema_of_its_version(Connection& connection) {
    Connection model(":memory:", false);
    migrate(model, version_of(connection));
    return schema_of(connection) == schema_of(model);
}

}  // namespace firn::storage
