// Recognises a full disk, which the user can do something about.
#pragma once

#include <exception>

namespace firn::storage {

// Files and the database report it in different ways.
bool is_disk_full(std::exception const& error);

}  // namespace firn::storage
