// The database's schema: numbered migrations that are applied in order. PRAGMA user_version counts them.
#pragma once

#include "storage/embedded_file.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

// migrations[i] leads from version i to i + 1. Embedded from storage/sqlite/migrations.
extern std::span<EmbeddedFile const> const migrations;

// Migrates the database to the newest version, or no further than `to_version`. Throws OpenError when the
// database is newer than this program.
void migrate(Connection& connection, std::size_t to_version = migrations.size());

// Whether the database holds exactly the tables, columns and indexes that the migrations up to its version
// make.
bool has_schema_of_its_version(Connection& connection);

}  // namespace firn::storage
