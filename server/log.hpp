// The log of the program: lines on stderr.
#pragma once

#include <string>

namespace firn {

// Lines of `level` (as of --log-level) and above. They are collected and written several at a time, at the
// latest a fifth of a second after the first; warnings and errors at once. What is left is written when the
// process ends in good order.
void set_up_log(std::string const& level);

}  // namespace firn
