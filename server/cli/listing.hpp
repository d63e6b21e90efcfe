// Commands that list the records of all accounts and regions.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {

struct Listing {
    std::string resource;  // the path below /_firn, and the member of the answer with the rows
    std::vector<Column> columns;
    std::string nothing;  // the text of a listing without rows
    Json (*row_of)(Json const& record) = nullptr;
    void (*add_filters)(CLI::App& command, SharedQuery const& query);
};

// Adds --vault, --account and --region.
void add_vault_filters(CLI::App& command, SharedQuery const& query);
// Adds --account and --region.
void add_owner_filters(CLI::App& command, SharedQuery const& query);

// Gives `command` the action to list, with filters, and the same as its subcommand `list` with this help.
void define_listing(CLI::App& command, Commands& commands, Listing const& listing, std::string const& help);

// Adds the subcommand `expire`, which takes the id of one record and says that this `noun` is gone.
void add_expire(CLI::App& command, Commands& commands, std::string const& resource,
                std::string const& id_name, std::string const& noun, std::string const& help);

}  // namespace firn::cli
