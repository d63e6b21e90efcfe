// Times as the store keeps them: milliseconds since the Unix epoch. The store never reads a clock; callers
// give the time.
#pragma once

#include <chrono>

namespace firn::storage {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;

}  // namespace firn::storage
