// The commands that drive a running firn: `firn clock`, `firn jobs`, `firn snapshot` and so on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/cli/session.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace firn::cli {

// The commands, and the one that the command line named.
class Commands {
public:
    using Action = std::function<void(Session const&)>;

    // Declares all of them on `program`: by name, and each in full once the command line names it.
    explicit Commands(CLI::App& program);
    // CLI11 keeps pointers to the members.
    Commands(Commands const&) = delete;

    // Whether the parsed command line named one of them.
    bool are_called() const { return static_cast<bool>(action_); }
    // Runs it and prints what comes of it. Without --endpoint and FIRN_ENDPOINT it asks this machine on
    // `port`. Throws std::runtime_error when the server is not there or refuses.
    void run(std::uint16_t port) const;

    // --- For the files that declare commands.

    // Gives `command` --endpoint, --json and what it does. `action` may be empty: then it needs a subcommand.
    void define(CLI::App& command, Action action);
    // A subcommand, defined.
    CLI::App& add(CLI::App& parent, std::string const& name, std::string const& help, Action action);

private:
    void choose(CLI::App const& command, Action const& action);

    std::string endpoint_;
    bool as_json_ = false;
    Action action_;
};

// Define one command each, with its subcommands.
void define_clock(CLI::App& clock, Commands& commands);
void define_faults(CLI::App& faults, Commands& commands);
void define_health(CLI::App& health, Commands& commands);
void define_help(CLI::App& help, Commands& commands);
void define_inventory(CLI::App& inventory, Commands& commands);
void define_jobs(CLI::App& jobs, Commands& commands);
void define_metrics(CLI::App& metrics, Commands& commands);
void define_operations(CLI::App& operations, Commands& commands);
void define_requests(CLI::App& requests, Commands& commands);
void define_reset(CLI::App& reset, Commands& commands);
void define_seed(CLI::App& seed, Commands& commands);
void define_snapshot(CLI::App& snapshot, Commands& commands);

// `now`, rate, and what comes next: for every answer that is a clock.
std::string describe_clock(Json const& clock);

}  // namespace firn::cli
