// The bytes of an archive of a seed document.
#pragma once

#include <filesystem>
#include <memory>

#include "server/control/seed/seed_document.hpp"
#include "storage/store.hpp"

namespace firn::control {

// Stores the bytes of an archive that is not synthetic. Relative paths start in `folder`. Throws Refusal when
// they cannot be read.
std::shared_ptr<storage::StagedBlob> stage_content(storage::Store& store, std::filesystem::path const& folder,
                                                   SeedArchive const& archive);

}  // namespace firn::control
