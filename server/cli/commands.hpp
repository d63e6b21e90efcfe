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

    // Declares all of them on `program`.
    explicit Commands(CLI::App& program);
    // CLI11 keeps pointers to the members.
    Commands(Commands const&) = delete;

    // Whether the parsed command line named one of them.
    bool are_called() const { return static_cast<bool>(action_); }
    // Runs it and prints what comes of it. Without --endpoint and FIRN_ENDPOINT it asks this machine on
    // `port`. Throws std::runtime_error when the server is not there or refuses.
    void run(std::uint16_t port) const;

    // --- For the files that declare commands.

    // A command of `parent`, with --endpoint and --json. `action` may be empty: then it needs a subcommand.
    CLI::App& add(CLI::App& parent, std::string const& name, std::string const& help, Action action);

private:
    void choose(CLI::App const& command, Action const& action);

    std::string endpoint_;
    bool as_json_ = false;
    Action action_;
};

// The groups, one file each.
void add_clock_commands(CLI::App& program, Commands& commands);
void add_job_commands(CLI::App& program, Commands& commands);
void add_state_commands(CLI::App& program, Commands& commands);
void add_snapshot_commands(CLI::App& program, Commands& commands);
void add_fault_commands(CLI::App& program, Commands& commands);
void add_request_commands(CLI::App& program, Commands& commands);
void add_server_commands(CLI::App& program, Commands& commands);

// `now`, rate, and what comes next: for every answer that is a clock.
std::string describe_clock(Json const& clock);

}  // namespace firn::cli
