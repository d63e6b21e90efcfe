// `firn health`: asks a running firn whether it is well.
#pragma once

#include <string>

namespace firn {

// Prints the answer. Returns the exit status: 0 when the server at that URL answers 200, else 1.
int run_health_command(std::string const& endpoint);

}  // namespace firn
