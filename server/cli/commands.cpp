#include "server/cli/commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

namespace firn::cli {
namespace {

struct NamedCommand {
    char const* name;
    char const* help;
    void (*define)(CLI::App& command, Commands& commands);
};

// As --help lists them.
constexpr NamedCommand named_commands[] = {
    {"clock", "Show or move firn's clock", define_clock},
    {"jobs", "List jobs, complete them or let them fail", define_jobs},
    {"inventory", "Take inventories of vaults", define_inventory},
    {"reset", "Delete one vault with all that is in it, or else everything", define_reset},
    {"seed", "Add the vaults, archives and jobs that a file describes", define_seed},
    {"snapshot", "Save the whole state, go back to it, move it", define_snapshot},
    {"faults", "Make requests go wrong, by rules", define_faults},
    {"requests", "List the last requests to the Glacier API", define_requests},
    {"health", "Ask a running firn whether it is well; exit 0 if so", define_health},
    {"metrics", "Counters and gauges in Prometheus' text form", define_metrics},
    {"operations", "List the operations of the API", define_operations},
    {"help", "Print a page of the documents, or list the pages", define_help},
};

}  // namespace

Commands::Commands(CLI::App& program) {
    for (auto const& [name, help, define] : named_commands) {
        auto* const command = program.add_subcommand(name, help);
        // Not before it is called: all the options of all commands would cost a tenth of every start of the
        // server.
        command->preparse_callback(
            [this, command, define = define](std::size_t) { define(*command, *this); });
    }
}

void Commands::define(CLI::App& command, Action action) {
    command.option_defaults()->group("Options");
    // One at most: what follows a subcommand is never the name of another.
    command.require_subcommand(action ? 0 : 1, 1);
    // The variable is read in run(): each command would have its own say, and the last one would win.
    command.add_option("--endpoint", endpoint_,
                       "Where firn listens (default: this machine, --port) (Env:FIRN_ENDPOINT)");
    command.add_flag("--json", as_json_, "Print the answer as JSON, for scripts");
    command.callback([this, &command, action = std::move(action)] { choose(command, action); });
}

CLI::App& Commands::add(CLI::App& parent, std::string const& name, std::string const& help, Action action) {
    auto& command = *parent.add_subcommand(name, help);
    define(command, std::move(action));
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
