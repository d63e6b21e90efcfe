// The database's schema: numbered migrations, applied in order, counted in PRAGMA user_version.
#pragma once

#include <string_view>
#include <vector>

#include "storage/connection.hpp"

namespace firn::storage {

// migrations[i] leads from version i to i + 1. Generated from storage/migrations/*.sql.
extern std::vector<std::string_view> const migrations;

// Brings the database to the newest version. Throws OpenError when it is newer than this program.
void migrate(Connection& connection);

}  // namespace firn::storage
