#include "server/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <type_traits>

#include "server/control/access_guard.hpp"
#include "server/glacier/limits.hpp"
#include "server/identity/caller.hpp"
#include "server/option_sources.hpp"
#include "server/text/duration.hpp"
#include "server/text/size.hpp"
#include "server/text/timestamp.hpp"
#include "server/time/clock.hpp"

namespace firn {
namespace {

constexpr char by_timing[] = "by --timing";

// What --help says of an option.
std::string help_of(std::string const& flag, std::string const& help, std::string const& fallback) {
    return fmt::format("{} (default: {}) (Env:{})", help, fallback, environment_name(flag));
}

std::string text_of(std::string const& value) {
    return value;
}

template <typename Number>
std::enable_if_t<std::is_arithmetic_v<Number>, std::string> text_of(Number value) {
    return std::to_string(value);
}

template <typename T>
CLI::Option* add(CLI::App& app, std::string const& flag, T& value, std::string const& help,
                 std::string const& fallback) {
    return app.add_option(flag, value, help_of(flag, help, fallback));
}

// The value is the default.
template <typename T>
CLI::Option* add(CLI::App& app, std::string const& flag, T& value, std::string const& help) {
    return add(app, flag, value, help, text_of(value));
}

template <typename T>
CLI::Option* add_duration(CLI::App& app, std::string const& flag, T& value, std::string const& help,
                          storage::Duration fallback) {
    auto const parse = [&value, flag](std::string const& text) {
        auto const duration = text::parse_duration(text);
        if (!duration) throw CLI::ValidationError(flag, text::not_a_duration(text));
        value = *duration;
    };
    auto const described = help_of(flag, help, text::format_duration(fallback));
    return app.add_option_function<std::string>(flag, parse, described)->type_name("DURATION");
}

CLI::Option* add_range(CLI::App& app, std::string const& flag, std::optional<text::DurationRange>& value,
                       std::string const& help) {
    auto const parse = [&value, flag](std::string const& text) {
        value = text::parse_duration_range(text);
        if (!value) throw CLI::ValidationError(flag, text::not_a_duration_range(text));
    };
    return app.add_option_function<std::string>(flag, parse, help_of(flag, help, by_timing))
        ->type_name("DURATION[-DURATION]");
}

CLI::Option* add_size(CLI::App& app, std::string const& flag, std::uint64_t& value, std::uint64_t max,
                      std::string const& help, std::string const& fallback) {
    auto const parse = [&value, flag, max](std::string const& text) {
        auto const size = text::parse_size(text);
        if (!size || *size > max)
            throw CLI::ValidationError(
                flag, fmt::format("{} is not a size like 4096 or 64KiB of at most {} bytes", text, max));
        value = *size;
    };
    return app.add_option_function<std::string>(flag, parse, help_of(flag, help, fallback))
        ->type_name("SIZE");
}

std::string check_account_id(std::string const& text) {
    return identity::is_account_id(text) ? "" : text + " is not an account id, which has 12 digits";
}

std::string check_host(std::string const& text) {
    return text.empty() ? "is empty; 0.0.0.0 stands for all addresses" : "";
}

std::string check_control_host(std::string const& text) {
    try {
        control::AccessGuard const guard({text});
        return "";
    } catch (std::runtime_error const& error) {
        return error.what();
    }
}

std::string check_region(std::string const& text) {
    return identity::is_region(text) ? "" : text + " is not a region, which has a name like us-east-1";
}

std::string check_clock(std::string const& text) {
    if (text == "real" || text == "frozen") return "";
    auto const time = text::parse_time(text);
    if (!time) return text::not_a_time(text) + ", or real, or frozen";
    bool const can_be_shown = time::clock_min <= *time && *time <= time::clock_max;
    return can_be_shown ? "" : text + " is not in the years 1970 to 8999, which the clock can show";
}

void add_server_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Server");
    add(app, "--host", config.host, "Address to listen on")->check(CLI::Validator(check_host, "HOST"));
    add(app, "--port", config.port, "Port to listen on; 0 picks a free one")->check(CLI::Range(0, 65535));
    add(app, "--port-file", config.port_file, "File that gets the port once firn answers requests", "none");
    add(app, "--threads", config.threads, "Threads that serve requests; 0 means one for each core")
        ->check(CLI::Range(0, 256));
    add(app, "--log-level", config.log_level, "Lowest level of the log lines on stderr")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));

    app.option_defaults()->group("Data");
    add(app, "--data-dir", config.data_dir, "Directory for all data", "firn in the XDG data directory");
    app.add_flag("--in-memory", config.in_memory,
                 help_of("--in-memory", "Keep all data in memory; it is lost when firn stops", "off"));
    add(app, "--account-id", config.account_id,
        "Account of unsigned requests, and of access keys that are not 12 digits")
        ->check(CLI::Validator(check_account_id, "12 DIGITS"));
    add(app, "--region", config.region, "Region of unsigned requests")
        ->check(CLI::Validator(check_region, "REGION"));
    add(app, "--seed-file", config.seed_file,
        "JSON file with vaults, archives and jobs that a new data directory begins with", "none");
    add(app, "--seed", config.seed, "Text that makes ids and durations repeatable",
        "random, kept with the data");
}

void add_time_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Time");
    add(app, "--timing", config.timing, "How long jobs take: no time, seconds, or hours as in Glacier")
        ->check(CLI::IsMember({"instant", "fast", "aws"}));
    add(app, "--clock", config.clock, "Clock of a new data directory: real, frozen now, or frozen at a time")
        ->check(CLI::Validator(check_clock, "real|frozen|TIME"));
    add_range(app, "--expedited", config.expedited, "Duration of Expedited archive retrievals");
    add_range(app, "--standard", config.standard, "Duration of Standard archive retrievals");
    add_range(app, "--bulk", config.bulk, "Duration of Bulk archive retrievals");
    add_range(app, "--inventory-job", config.inventory_job, "Duration of inventory retrievals");
    add(app, "--inventory", config.inventory,
        "Inventories and vault counters: always current, or updated once a day", by_timing)
        ->check(CLI::IsMember({"fresh", "daily"}));
    // These are the same in all profiles.
    glacier::Timing const defaults;
    add_duration(app, "--first-inventory-delay", config.first_inventory_delay,
                 "Time from a vault's first daily inventory until it can be retrieved",
                 defaults.first_inventory_delay);
    add_duration(app, "--output-lifetime", config.output_lifetime,
                 "How long finished jobs and their outputs are kept", defaults.output_lifetime);
    add_duration(app, "--upload-lifetime", config.upload_lifetime,
                 "How long multipart uploads are kept after their last part", defaults.upload_lifetime);
    add_duration(app, "--lock-lifetime", config.lock_lifetime, "How long a vault lock can stay in progress",
                 defaults.lock_lifetime);
}

void add_control_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Control surface");
    add(app, "--control-host", config.control_hosts,
        "Hosts that may use /_firn/ besides this machine: addresses, networks (10.0.0.0/8), names for the "
        "Host header, or * for all; can be repeated",
        "none")
        ->check(CLI::Validator(check_control_host, "HOST"))
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->delimiter(',')
        ->allow_extra_args(false);
    add(app, "--journal-size", config.journal_size, "Number of requests that the journal keeps")
        ->check(CLI::Range(0, 1'000'000));
    add_size(app, "--journal-bodies", config.journal_body_bytes_max, glacier::json_body_bytes_max,
             "How much of each request's JSON the journal keeps; 0 keeps none", "4KiB");
}

void add_limit_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Limits");
    auto& http = config.http;
    auto const add_timeout = [&](std::string const& flag, auto& value, std::string const& help) {
        add_duration(app, flag, value, help, value);
    };
    add(app, "--max-connections", http.connections_max, "Maximum number of open connections")
        ->check(CLI::Range(1, 1'000'000));
    add(app, "--max-header-bytes", http.header_bytes_max, "Maximum size of a request's head")
        ->check(CLI::Range(1024, 1 << 20));
    add_timeout("--idle-timeout", http.idle_timeout, "Longest wait between two requests of a connection");
    add_timeout("--header-timeout", http.header_timeout, "Longest time to receive a request's head");
    add_timeout("--body-timeout", http.body_timeout, "Longest wait for the next bytes of a request's body");
    add_timeout("--write-timeout", http.write_timeout,
                "Longest wait for the client to take bytes of the response");
    add_timeout("--stop-timeout", http.stop_timeout, "Longest wait for running requests when firn stops");
}

}  // namespace

void add_options(CLI::App& app, Config& config) {
    // A flag at the end of the line overrides the same flag of a script or an alias.
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    std::string const help =
        "File with settings, in lines like: port = 4522 (default: none) (Env:FIRN_CONFIG)";
    app.add_option("--config", help)->type_name("FILE")->configurable(false);

    add_server_options(app, config);
    add_time_options(app, config);
    add_control_options(app, config);
    add_limit_options(app, config);
}

}  // namespace firn
