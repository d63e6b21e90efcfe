#include "server/cli/commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

namespace firn::cli {
namespace {

struct NamedCommand {
    char const* name;
    char const* help;
    void (*define)(CLI::App& command, Commands& commands);
};

constexpr char endpoint_help[] =
    "URL of the server that a command asks (default: this machine, --port) (Env:FIRN_ENDPOINT)";

// In the order of --help.
constexpr NamedCommand named_commands[] = {
    {"clock", "Show or move firn's clock", define_clock},
    {"jobs", "List jobs, wait for them, complete, fail, expire or reschedule them", define_jobs},
    {"vaults", "List the vaults of all accounts", define_vaults},
    {"archives", "List the archives of all vaults", define_archives},
    {"uploads", "List the open multipart uploads; drop one now", define_uploads},
    {"locks", "List the vault locks; end an attempt to lock now", define_locks},
    {"capacity", "List the provisioned capacity units; end one now", define_capacity},
    {"inventory", "Take inventories of vaults now", define_inventory},
    {"reset", "Delete everything, what belongs to one account, or one vault", define_reset},
    {"seed", "Add the vaults, archives and jobs that a file describes", define_seed},
    {"snapshot", "Save, restore, export and import the whole state", define_snapshot},
    {"faults", "Make requests fail, by rules", define_faults},
    {"requests", "List the last requests to the Glacier API", define_requests},
    {"health", "Check that firn answers; exit code 0 if it does", define_health},
    {"metrics", "Print counters and gauges in Prometheus' text format", define_metrics},
    {"operations", "List the operations of the Glacier API", define_operations},
    {"help", "Print a page of the documents, or list the pages", define_help},
};

}  // namespace

Commands::Commands(CLI::App& program) {
    program.option_defaults()->group("Commands");
    program.add_option("--endpoint", endpoint_, endpoint_help)->type_name("URL")->configurable(false);
    for (auto const& [name, help, define] : named_commands) {
        auto* const command = program.add_subcommand(name, help);
        // A command gets its options only when it is called: the options of all commands together would be a
        // fifth of the instructions with which the server starts (1.9 of 9.9 million were measured).
        command->preparse_callback(
            [this, command, define = define](std::size_t) { define(*command, *this); });
    }
}

void Commands::define(CLI::App& command, Action action) {
    command.option_defaults()->group("Options");
    // At most one, so that an argument of a subcommand is never taken for the name of another one.
    command.require_subcommand(action ? 0 : 1, 1);
    command.add_option("--endpoint", endpoint_, endpoint_help)->type_name("URL");
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
        needs_server_ = command.get_option_no_throw("--endpoint") != nullptr;
        return;
    }
    // Subcommands report first, so this is the parent of the chosen one. Its own filters have no effect then,
    // and are refused.
    for (auto const* const option : command.get_options()) {
        auto const name = option->get_name();
        if (option->count() > 0 && name != "--endpoint" && name != "--json") {
            throw CLI::ExcludesError(name, command.get_subcommands().front()->get_name());
        }
    }
}

void Commands::run(std::function<std::string()> const& find_server) const {
    if (!needs_server_ && !endpoint_.empty())
        throw CLI::ValidationError("--endpoint", "this command asks no server");
    auto const endpoint = needs_server_ && endpoint_.empty() ? find_server() : endpoint_;
    action_(Session(endpoint, as_json_, std::cout));
    if (!std::cout.flush()) throw std::runtime_error("cannot write the answer to stdout");
}

}  // namespace firn::cli
