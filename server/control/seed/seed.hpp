// Fills the store with what a JSON document describes: vaults, archives, jobs, settings. server/docs/seed.md
// describes the format. The operations of the API create everything, so a seed cannot create what a client
// could not; the exceptions are dates in the past and synthetic archives.
//
// The archives come first, in slices between which others write, under the keys of vaults that do not exist
// yet: nobody sees them. One last transaction adds everything else. What a crash leaves of the first part is
// removed at the next start, as after the deletion of a vault.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "server/glacier/request.hpp"
#include "storage/store.hpp"

namespace firn::control {

struct Seeded {
    std::uint64_t vaults = 0;           // that were added
    std::uint64_t existing_vaults = 0;  // to which something was added
    std::uint64_t archives = 0;
    std::uint64_t archive_bytes = 0;
    std::uint64_t jobs = 0;
};

struct SeedSource {
    std::string text;
    std::filesystem::path folder;  // relative paths of files start here
    std::string name = {};         // of the document, at the beginning of every message
};

struct SeedContext {
    storage::Store& store;
    glacier::Rules const& rules;
    storage::Owner default_owner;
    storage::Time now;
    std::function<bool()> is_stopping = {};  // asked now and then: whether to give up
};

// Whether --seed-file applies: the store has no vaults, was never seeded, and was not emptied to stay empty.
bool is_unseeded(storage::View const& view);
// From here on is_unseeded() is false.
void mark_seeded(storage::Transaction& transaction);

// Throws Refusal when the file cannot be read.
SeedSource read_seed_file(std::filesystem::path const& file);

// Adds the whole document or nothing. Afterwards the jobs that the document says have succeeded are due; the
// caller lets the scheduler complete them. Both throw Refusal; its message names the line.
Seeded apply_seed(SeedSource const& source, SeedContext const& context);
// The same in one transaction, which must be undone when this throws. For a database that nobody uses yet.
Seeded apply_seed(SeedSource const& source, SeedContext const& context, storage::Transaction& transaction);

}  // namespace firn::control
