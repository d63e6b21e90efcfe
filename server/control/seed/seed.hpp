// Fills the store with what a JSON document describes: vaults, archives, jobs, settings. README, "Seed", has
// its form. Everything goes through the operations of the API, so that nothing can be seeded that a client
// could not have made, but for its dates and for archives whose bytes are synthetic.
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
    std::filesystem::path folder;  // where the files of archives are looked for
};

// Whether nothing was ever put into it: what --seed-file is for.
bool is_unseeded(storage::View const& view);

// All of it or nothing. Jobs that are to have succeeded are due when it returns. Throws Refusal whose message
// begins with the line that is wrong.
Seeded apply_seed(std::string const& text, SeedContext const& context);

}  // namespace firn::control
