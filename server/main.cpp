// The program: `firn [serve]`, `firn version`, and the commands that talk to a running firn.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "server/app.hpp"
#include "server/cli/commands.hpp"
#include "server/log.hpp"
#include "server/option_sources.hpp"
#include "server/options.hpp"

namespace {

// Exit codes; 0 means that all went well.
constexpr int failure = 1;      // something failed, or the server refused
constexpr int usage_error = 2;  // a flag, a variable or the config file is wrong

// Open files beside the connections: the database, its readers, uploads and downloads in progress.
constexpr std::size_t descriptors_beside_connections = 256;

// Raises the soft limit of open files: its usual value, 1024, is far below --max-connections. That is safe,
// because firn never calls select(2).
void allow_descriptors(std::size_t connections_max) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    auto const usual = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = usual;
    if (limit.rlim_cur >= connections_max + descriptors_beside_connections) return;
    spdlog::warn(
        "the limit of {} open files (ulimit -Hn) is too low for {} connections; raise it, or lower "
        "--max-connections",
        limit.rlim_cur, connections_max);
}

// The file appears only when it is complete, because readers wait for it to appear.
void write_port_file(std::filesystem::path const& file, std::uint16_t port) {
    auto const draft = file.string() + ".part";
    std::ofstream stream(draft);
    stream << port << '\n' << std::flush;
    if (!stream) throw std::runtime_error("cannot write the port file " + file.string());
    stream.close();
    std::filesystem::rename(draft, file);
}

// IPv6 addresses get brackets.
std::string url_of(std::string const& host, std::uint16_t port) {
    bool const is_ipv6 = host.find(':') != host.npos;
    return fmt::format("http://{}:{}", is_ipv6 ? "[" + host + "]" : host, port);
}

int serve(CLI::App const& program, firn::Config const& config) {
    // Blocked before any thread starts, so that all threads leave these signals to sigwait().
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    firn::set_up_log(config.log_level);
    for (auto const& message : firn::unknown_variables(program)) spdlog::warn(message);

    firn::App app(config);
    app.start();
    allow_descriptors(config.http.connections_max);
    timespec const no_time{};
    bool const is_stopped = sigtimedwait(&signals, nullptr, &no_time) > 0;
    // Whoever reads this may rely on it that firn has caught up; a start that was cut short has not.
    if (!is_stopped) {
        if (!config.port_file.empty()) write_port_file(config.port_file, app.port());
        std::cout << "firn listening on " << url_of(config.host, app.port()) << std::endl;
        int signal = 0;
        sigwait(&signals, &signal);
    }
    spdlog::info("stopping");
    // A second signal ends the process at once.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    std::error_code error;
    if (!config.port_file.empty()) std::filesystem::remove(config.port_file, error);
    app.stop();
    return 0;
}

// A command finds the server that was started with the same options. The flags come before FIRN_ENDPOINT.
std::string find_server(CLI::App& program, firn::Config const& config) {
    bool const has_flags = program.count("--port") + program.count("--port-file") > 0;
    char const* const endpoint = std::getenv("FIRN_ENDPOINT");
    if (!has_flags && endpoint != nullptr && *endpoint != '\0') return endpoint;
    bool const has_port = program.count("--port") > 0 && config.port != 0;
    firn::complete_port_options(program);
    auto port = config.port;
    if (!has_port && !config.port_file.empty()) {
        std::ifstream file(config.port_file);
        long number = 0;
        if (!(file >> number) || number < 1 || number > 65535)
            throw std::runtime_error("no firn runs: there is no port file " + config.port_file.string());
        port = static_cast<std::uint16_t>(number);
    }
    // A server on all addresses is on the loopback address, too.
    auto const& host = config.host;
    bool const is_any = host == "0.0.0.0" || host == "::" || host == "[::]";
    return url_of(is_any ? "127.0.0.1" : host, port);
}

int run(int argc, char** argv) {
    firn::Config config;
    CLI::App program("A local server with the API of the original Amazon Glacier (2012-06-01)", "firn");
    program.set_version_flag("--version", "firn " FIRN_VERSION);
    program.fallthrough();
    program.require_subcommand(0, 1);
    program.footer(
        "Exit codes: 0 done, 1 failed or refused, 2 wrong usage. firn help options describes the options.");
    firn::add_options(program, config);
    auto* const serve_command =
        program.add_subcommand("serve", "Run the server until SIGINT or SIGTERM (the default)");
    // It has no options of its own.
    serve_command->formatter_fn(
        [&program](CLI::App const* serve, std::string const& name, CLI::AppFormatMode mode) {
            CLI::Formatter const text;
            return text.make_description(serve) + text.make_usage(serve, name) +
                   text.make_groups(&program, mode) + text.make_footer(&program);
        });
    auto const* const version = program.add_subcommand("version", "Print the version");
    firn::cli::Commands commands(program);
    try {
        program.parse(argc, argv);
    } catch (CLI::Success const& help) {
        return program.exit(help);
    }
    if (version->parsed()) {
        std::cout << "firn " FIRN_VERSION "\n";
        return 0;
    }
    if (commands.are_called()) {
        commands.run([&] { return find_server(program, config); });
        return 0;
    }
    if (commands.has_endpoint()) throw CLI::ValidationError("--endpoint", "only commands have a use for it");
    firn::complete_options(program);
    return serve(program, config);
}

}  // namespace

int main(int argc, char** argv) {
    bool const as_json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
    try {
        return run(argc, argv);
    } catch (CLI::ParseError const& error) {
        firn::cli::print_error(std::cerr, error, as_json);
        if (!as_json) std::cerr << "Run with --help for more information.\n";
        return usage_error;
    } catch (std::exception const& error) {
        firn::cli::print_error(std::cerr, error, as_json);
        return failure;
    }
}
