// Fills the store with what a JSON document describes: vaults, archives, jobs, settings. server/docs/seed.md
// describes the format. The operations of the API create everything, so a seed cannot create what a client
// could not; the exceptions are dates in the past and synthetic archives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "server/glacier/request.hpp"
#include "storage/store.hpp"

namespace firn::control {

struct Seeded {
    std::uint64_t vaults = 0;
    std::uint64_t archives = 0;
    std::uint64_t archive_bytes = 0;
    std::uint64_t jobs = 0;
};

struct SeedContext {
    storage::Store& store;
    glacier::Rules const& rules;
    storage::Owner default_owner;
    storage::Time now;
    std::filesystem::path folder;  // relative paths of files start here
};

// Whether the store has no vaults and was never seeded: --seed-file applies only then.
bool is_unseeded(storage::View const& view);

// Adds the whole document or nothing. Afterwards the jobs that the document says have succeeded are due; the
// caller lets the scheduler complete them. Throws Refusal; its message begins with the number of the line.
Seeded apply_seed(std::string const& text, SeedContext const& context);

}  // namespace firn::control
