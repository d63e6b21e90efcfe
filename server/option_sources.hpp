// Where options get their values that the command line does not give: from variables of the environment, and
// from the config file. A flag wins over a variable, a variable over the file.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace firn {

// FIRN_MAX_CONNECTIONS for `--max-connections`.
std::string environment_name(std::string const& flag);

// Completes the options of `app`, which has parsed the command line. Throws CLI::ParseError for a value that
// does not fit, with the name of the variable or the line of the file.
void complete_options(CLI::App& app);

// The same for --port and --port-file alone, for commands: what else is wrong is no concern of theirs. That
// includes a file that FIRN_CONFIG names and that cannot be read.
void complete_port_options(CLI::App& app);

// A message for each variable that begins with FIRN_ and that neither firn nor its tests know.
std::vector<std::string> unknown_variables(CLI::App const& app);

}  // namespace firn
