// The archive bytes of a seed document, stored as blobs before the transaction begins.
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
    // Throws Refusal when the bytes of an archive cannot be read; `place` is then the place of that archive.
    SeedContents(storage::Store& store, std::filesystem::path const& folder, SeedPlace& place,
                 text::JsonObject const& document);

    // The bytes of the archive that these steps lead to.
    std::shared_ptr<storage::StagedBlob> take(std::vector<std::string> const& steps) {
        return blobs_.at(steps);
    }

private:
    std::shared_ptr<storage::StagedBlob> stage(storage::Store& store, std::filesystem::path const& folder,
                                               SeedArchive const& archive);

    std::map<std::vector<std::string>, std::shared_ptr<storage::StagedBlob>> blobs_;
};

}  // namespace firn::control
