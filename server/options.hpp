// The options of the server, as --help shows them.
#pragma once

#include "server/config.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace firn {

// Declares all options on `app`, bound to `config`. When the command line has been parsed,
// complete_options() adds what the variables and the config file say.
void add_options(CLI::App& app, Config& config);

}  // namespace firn
