// The log of the program on stderr.
#pragma once

#include <string>

namespace firn {

// Logs lines of `level` (a value of --log-level) and above. Lines are buffered for at most 200 ms; warnings
// and errors are written at once. A normal exit writes what is left in the buffer.
void set_up_log(std::string const& level);

}  // namespace firn
