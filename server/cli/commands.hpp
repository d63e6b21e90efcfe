// The commands that talk to a running firn: `firn clock`, `firn jobs`, `firn snapshot` and so on.
#pragma once

#include <functional>
#include <string>

#include "server/cli/session.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace firn::cli {

// All commands, and the one that the command line names.
class Commands {
public:
    using Action = std::function<void(Session const&)>;

    // Declares the names of all commands on `program`. A command gets its options once the command line names
    // it.
    explicit Commands(CLI::App& program);
    // CLI11 keeps pointers to the members.
    Commands(Commands const&) = delete;

    // Whether the parsed command line names a command.
    bool are_called() const { return static_cast<bool>(action_); }
    // Whether the command line names a server with --endpoint.
    bool has_endpoint() const { return !endpoint_.empty(); }
    // Runs the command and prints the answer. `find_server` returns the URL of the server that it asks; it is
    // called when the command needs a server and the command line names none. Throws std::runtime_error when
    // the server does not answer or refuses.
    void run(std::function<std::string()> const& find_server) const;

    // --- For the files that define commands.

    // Gives `command` its action and the options --endpoint and --json. A command that needs no server
    // removes --endpoint. Without an action the command line must name a subcommand.
    void define(CLI::App& command, Action action);
    // Adds a subcommand and defines it.
    CLI::App& add(CLI::App& parent, std::string const& name, std::string const& help, Action action);

private:
    void choose(CLI::App const& command, Action const& action);

    std::string endpoint_;
    bool as_json_ = false;
    bool needs_server_ = false;
    Action action_;
};

// Each defines one command with its subcommands.
void define_archives(CLI::App& archives, Commands& commands);
void define_capacity(CLI::App& capacity, Commands& commands);
void define_clock(CLI::App& clock, Commands& commands);
void define_faults(CLI::App& faults, Commands& commands);
void define_health(CLI::App& health, Commands& commands);
void define_help(CLI::App& help, Commands& commands);
void define_inventory(CLI::App& inventory, Commands& commands);
void define_jobs(CLI::App& jobs, Commands& commands);
void define_locks(CLI::App& locks, Commands& commands);
void define_metrics(CLI::App& metrics, Commands& commands);
void define_operations(CLI::App& operations, Commands& commands);
void define_requests(CLI::App& requests, Commands& commands);
void define_reset(CLI::App& reset, Commands& commands);
void define_seed(CLI::App& seed, Commands& commands);
void define_snapshot(CLI::App& snapshot, Commands& commands);
void define_uploads(CLI::App& uploads, Commands& commands);
void define_vaults(CLI::App& vaults, Commands& commands);

// The time, the rate and the next event, for every answer that is a clock.
std::string describe_clock(Json const& clock);

}  // namespace firn::cli
