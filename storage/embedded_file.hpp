// A source file whose text is part of the program: see firn_embed() in storage/embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace firn::storage {

struct EmbeddedFile {
    std::string_view name;  // without its folder
    std::string_view text;
};

}  // namespace firn::storage
