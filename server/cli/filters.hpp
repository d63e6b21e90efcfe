// Options that become a query or the fields of a body, under their own names.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/cli/table.hpp"

namespace firn::cli {

// The parser fills it, the command reads it.
using Query = std::vector<std::pair<std::string, std::string>>;
using SharedQuery = std::shared_ptr<Query>;

// `--request-id X` becomes request_id=X.
CLI::Option* add_filter(CLI::App& command, SharedQuery const& query, std::string const& flag,
                        std::string const& help);

// The id that a command is about: in its place, or as `--NAME=ID`, because an id may begin with `-`. Never
// empty: a request without it could mean all of them.
void add_id(CLI::App& command, std::string& id, std::string const& name, std::string const& help);

// Options that belong together, under a heading.
CLI::App& add_group(CLI::App& command, std::string const& heading, std::string const& help = "");

// Which vault: the fields of a body.
struct VaultChoice {
    std::string vault;
    std::string account;
    std::string region;

    Json body() const;
};

// --account and --region. The vault itself is an option here and a place there.
void add_account_and_region(CLI::App& command, std::shared_ptr<VaultChoice> const& choice);

}  // namespace firn::cli
