// A full disk, however it is told: people can do something about it.
#pragma once

#include <exception>

namespace firn::storage {

// Files say it in one way, the database in another.
bool is_disk_full(std::exception const& error);

}  // namespace firn::storage
