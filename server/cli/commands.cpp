#include "server/cli/commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

namespace firn::cli {

Commands::Commands(CLI::App& program) {
    add_clock_commands(program, *this);
    add_job_commands(program, *this);
    add_state_commands(program, *this);
    add_snapshot_commands(program, *this);
    add_fault_commands(program, *this);
    add_request_commands(program, *this);
    add_server_commands(program, *this);
}

CLI::App& Commands::add(CLI::App& parent, std::string const& name, std::string const& help, Action action) {
    auto& command = *parent.add_subcommand(name, help);
    command.option_defaults()->group("Options");
    // One at most: what follows a subcommand is never the name of another.
    command.require_subcommand(action ? 0 : 1, 1);
    // The variable is read in run(): each command would have its own say, and the last one would win.
    command.add_option("--endpoint", endpoint_,
                       "Where firn listens (default: this machine, --port) (Env:FIRN_ENDPOINT)");
    command.add_flag("--json", as_json_, "Print the answer as JSON, for scripts");
    command.callback([this, &command, action = std::move(action)] { choose(command, action); });
    return command;
}

void Commands::choose(CLI::App const& command, Action const& action) {
    if (!action_) {
        action_ = action;
        return;
    }
    // This is the parent of the one that was chosen: subcommands report first. A filter that it does not pass
    // on must not look as if it counted.
    for (auto const* const option : command.get_options()) {
        auto const name = option->get_name();
        if (option->count() > 0 && name != "--endpoint" && name != "--json") {
            throw CLI::ExcludesError(name, command.get_subcommands().front()->get_name());
        }
    }
}

void Commands::run(std::uint16_t port) const {
    auto endpoint = endpoint_;
    if (char const* const variable = std::getenv("FIRN_ENDPOINT"); endpoint.empty() && variable != nullptr) {
        endpoint = variable;
    }
    if (endpoint.empty()) endpoint = fmt::format("http://127.0.0.1:{}", port);
    action_(Session(endpoint, as_json_, std::cout));
    if (!std::cout.flush()) throw std::runtime_error("cannot write the answer to stdout");
}

}  // namespace firn::cli
