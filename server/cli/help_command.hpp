// The pages of server/docs, which are part of the program: `firn help TOPIC` prints them.
#pragma once

#include "storage/embedded_file.hpp"

namespace firn::cli {

// A topic is the name of a file without `.md`. Each page begins with its heading: `# ` and one line.
extern std::span<storage::EmbeddedFile const> const help_pages;

}  // namespace firn::cli
