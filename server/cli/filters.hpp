// Options that become parameters of a query or members of a body, and arguments that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/cli/table.hpp"

namespace firn::cli {

// Shared by the option parser, which fills it, and the action of the command.
using Query = std::vector<std::pair<std::string, std::string>>;
using SharedQuery = std::shared_ptr<Query>;

// Adds an option that becomes a query parameter: `--request-id X` becomes request_id=X.
CLI::Option* add_filter(CLI::App& command, SharedQuery const& query, std::string const& flag,
                        std::string const& help);

// The check of an option that takes a whole number.
CLI::Validator whole_number();

// Adds a required id, as an argument or as `--NAME=ID`, because an id may begin with `-`. It cannot be empty:
// an empty id in a path could mean all resources.
void add_id(CLI::App& command, std::string& id, std::string const& name, std::string const& help);

// Adds a group of options with a heading in --help.
CLI::App& add_group(CLI::App& command, std::string const& heading, std::string const& help = "");

// The members of a body that name a vault.
struct VaultChoice {
    std::string vault;
    std::string account;
    std::string region;

    Json body() const;
};

// Adds --account and --region. Commands add the vault themselves: some as an option, some as an argument.
void add_account_and_region(CLI::App& command, std::shared_ptr<VaultChoice> const& choice);

}  // namespace firn::cli
