// The bytes that a seed document brings along, stored before its transaction begins.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/control/seed/seed_document.hpp"
#include "storage/store.hpp"

namespace firn::control {

class SeedContents {
public:
    // Throws Refusal where bytes cannot be had; `place` says where.
    SeedContents(storage::Store& store, std::filesystem::path const& folder, SeedPlace& place,
                 text::JsonObject const& document);

    // Those of the archive at these steps.
    std::shared_ptr<storage::StagedBlob> take(std::vector<std::string> const& steps) {
        return blobs_.at(steps);
    }

private:
    std::shared_ptr<storage::StagedBlob> stage(storage::Store& store, std::filesystem::path const& folder,
                                               SeedArchive const& archive);

    std::map<std::vector<std::string>, std::shared_ptr<storage::StagedBlob>> blobs_;
};

}  // namespace firn::control
