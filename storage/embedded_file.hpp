// A file of the sources that is part of the program; firn_embed() of storage/embed.cmake makes it one.
#pragma once

#include <span>
#include <string_view>

namespace firn::storage {

struct EmbeddedFile {
    std::string_view name;  // without its folder
    std::string_view text;
};

}  // namespace firn::storage
