// `firn health`, `firn metrics`, `firn operations`: the state and the API of the server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "server/cli/commands.hpp"
#include "server/cli/operations_command.hpp"

namespace firn::cli {

namespace {

// Health checks run often, and count a late answer as a failure.
constexpr std::chrono::seconds health_patience(5);

}  // namespace

void define_health(CLI::App& health, Commands& commands) {
    commands.define(health, [](Session const& session) {
        ControlClient const client(session.endpoint(), health_patience);
        auto const describe = [&](Json const& answer) {
            return fmt::format("firn {} answers at {}; its clock shows {}\n", cell(answer, "version"),
                               session.endpoint(), cell(answer.value("clock", Json::object()), "now"));
        };
        session.show(parse_answer(client.send({"GET", {"health"}, {}, ""})), describe);
    });
}

void define_metrics(CLI::App& metrics, Commands& commands) {
    commands.define(metrics, [](Session const& session) {
        session.output() << session.client.send({"GET", {"metrics"}, {}, ""});
    });
    metrics.remove_option(metrics.get_option("--json"));
}

void define_operations(CLI::App& operations, Commands& commands) {
    commands.define(operations,
                    [](Session const& session) { print_operations(session.output(), session.as_json()); });
    operations.remove_option(operations.get_option("--endpoint"));
}

}  // namespace firn::cli
