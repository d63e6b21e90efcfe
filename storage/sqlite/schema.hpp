// The database's schema: numbered migrations, applied in order, counted in PRAGMA user_version.
#pragma once

#include "storage/embedded_file.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

// migrations[i] leads from version i to i + 1. Embedded from storage/sqlite/migrations.
extern std::span<EmbeddedFile const> const migrations;

// Brings the database to the newest version, or no further than `to_version`. Throws OpenError when it is
// newer than this program.
void migrate(Connection& connection, std::size_t to_version = migrations.size());

// Whether it holds the tables, columns and indexes that the migrations make up to its version, and nothing
// else.
bool has_schema_of_its_version(Connection& connection);

}  // namespace firn::storage
