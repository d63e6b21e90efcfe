// Domain time as the store keeps it: milliseconds since the Unix epoch. The store never asks what time it is;
// callers say.
#pragma once

#include <chrono>

namespace firn::storage {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;

}  // namespace firn::storage
