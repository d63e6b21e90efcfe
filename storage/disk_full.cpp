#include "storage/disk_full.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <system_error>

namespace firn::storage {

bool is_disk_full(std::exception const& error) {
    if (auto const* const system = dynamic_cast<std::system_error const*>(&error)) {
        return system->code() == std::errc::no_space_on_device;
    }
    auto const* const database = dynamic_cast<SQLite::Exception const*>(&error);
    return database != nullptr && database->getErrorCode() == SQLITE_FULL;
}

}  // namespace firn::storage
