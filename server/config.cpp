#include "server/config.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <stdexcept>

#include "server/glacier/limits.hpp"
#include "server/identity/caller.hpp"
#include "server/text/duration.hpp"
#include "server/text/size.hpp"
#include "server/text/timestamp.hpp"

namespace firn {
namespace {

// FIRN_MAX_CONNECTIONS for `--max-connections`.
std::string environment_name(std::string const& flag) {
    std::string name = "FIRN_";
    for (char const c : flag.substr(2)) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    return name;
}

// The value of a variable; empty when it is not set.
std::string environment(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

class SettingsFile : public CLI::ConfigTOML {
public:
    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        auto settings = CLI::ConfigTOML::from_config(input);
        for (auto const& item : settings) {
            // CLI11 takes a section for a command, but all settings belong to the server.
            if (!item.parents.empty())
                throw CLI::ConfigError("the config file cannot have sections: [" + item.parents.front() +
                                       "]");
        }
        // In CLI11 the file overrides the environment. firn wants the opposite, so settings that a variable
        // sets are removed from the file.
        std::erase_if(settings, [](CLI::ConfigItem const& item) {
            return !environment(environment_name("--" + item.name)).empty();
        });
        return settings;
    }
};

template <typename T>
CLI::Option* add(CLI::App& app, std::string const& flag, T& value, std::string const& help) {
    return app.add_option(flag, value, help)->envname(environment_name(flag));
}

storage::Duration require_duration(std::string const& flag, std::string const& text) {
    if (auto const duration = text::parse_duration(text)) return *duration;
    throw CLI::ValidationError(flag, text::not_a_duration(text));
}

template <typename T>
CLI::Option* add_duration(CLI::App& app, std::string const& flag, T& value, std::string const& help) {
    auto const parse = [&value, flag](std::string const& text) { value = require_duration(flag, text); };
    return app.add_option_function<std::string>(flag, parse, help)
        ->type_name("DURATION")
        ->envname(environment_name(flag));
}

CLI::Option* add_size(CLI::App& app, std::string const& flag, std::uint64_t& value, std::uint64_t max,
                      std::string const& help) {
    auto const parse = [&value, flag, max](std::string const& text) {
        auto const size = text::parse_size(text);
        if (!size || *size > max)
            throw CLI::ValidationError(
                flag, fmt::format("{} is not a size like 4096 or 64KiB of at most {} bytes", text, max));
        value = *size;
    };
    return app.add_option_function<std::string>(flag, parse, help)
        ->type_name("SIZE")
        ->envname(environment_name(flag));
}

std::string check_account_id(std::string const& text) {
    return identity::is_account_id(text) ? "" : "an account id must be 12 digits";
}

std::string check_region(std::string const& text) {
    return identity::is_region(text) ? "" : "a region must be a name like us-east-1";
}

std::string check_clock(std::string const& text) {
    bool const fits = text == "real" || text == "frozen" || text::parse_timestamp(text);
    return fits ? "" : "the clock must be real, frozen, or a time like 2030-01-31T12:00:00Z";
}

void add_server_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Server")->always_capture_default();
    add(app, "--host", config.host, "Address to listen on");
    add(app, "--port", config.port, "Port to listen on; 0 picks a free one");
    add(app, "--port-file", config.port_file, "File that gets the port once firn answers requests");
    add(app, "--threads", config.threads, "Threads that serve requests; 0 means one for each core")
        ->check(CLI::Range(0, 256));
    add(app, "--log-level", config.log_level, "Lowest level of the log lines on stderr")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));

    app.option_defaults()->group("Data");
    add(app, "--data-dir", config.data_dir,
        "Directory for all data (default: firn in the XDG data directory)");
    app.add_flag("--in-memory", config.in_memory, "Keep all data in memory; it is lost when firn stops")
        ->envname("FIRN_IN_MEMORY");
    add(app, "--account-id", config.account_id,
        "Account of unsigned requests, and of access keys that are not 12 digits")
        ->check(CLI::Validator(check_account_id, "12 DIGITS"));
    add(app, "--region", config.region, "Region of unsigned requests")
        ->check(CLI::Validator(check_region, "REGION"));
    add(app, "--seed-file", config.seed_file,
        "JSON file with vaults, archives and jobs that a new data directory begins with");
    add(app, "--seed", config.seed,
        "Text that makes ids and durations repeatable (default: random, kept with the data)");
}

void add_time_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Time")->always_capture_default(false);
    add(app, "--timing", config.timing, "How long jobs take: no time, seconds, or hours as in Glacier")
        ->check(CLI::IsMember({"instant", "fast", "aws"}))
        ->capture_default_str();
    add(app, "--clock", config.clock, "Clock of a new data directory: real, frozen now, or frozen at a time")
        ->check(CLI::Validator(check_clock, "real|frozen|TIME"))
        ->capture_default_str();
    add_duration(app, "--expedited", config.expedited, "Duration of Expedited archive retrievals");
    add_duration(app, "--standard", config.standard, "Duration of Standard archive retrievals");
    add_duration(app, "--bulk", config.bulk, "Duration of Bulk archive retrievals");
    add_duration(app, "--inventory-job", config.inventory_job, "Duration of inventory retrievals");
    add(app, "--inventory", config.inventory,
        "Inventories and vault counters: always current, or updated once a day")
        ->check(CLI::IsMember({"fresh", "daily"}));
    add_duration(app, "--first-inventory-delay", config.first_inventory_delay,
                 "Time from a vault's first daily inventory until it can be retrieved");
    add_duration(app, "--output-lifetime", config.output_lifetime,
                 "How long finished jobs and their outputs are kept");
    add_duration(app, "--upload-lifetime", config.upload_lifetime,
                 "How long multipart uploads are kept after their last part");
    add_duration(app, "--lock-lifetime", config.lock_lifetime, "How long a vault lock can stay in progress");
}

void add_control_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Control surface");
    add(app, "--control-host", config.control_hosts,
        "Hosts that may use /_firn/ besides this machine: addresses, networks (10.0.0.0/8), names for the "
        "Host header, or * for all")
        ->delimiter(',')
        ->allow_extra_args(false);
    add(app, "--journal-size", config.journal_size, "Number of requests that the journal keeps")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    add_size(app, "--journal-bodies", config.journal_body_bytes_max, glacier::json_body_bytes_max,
             "How much of each request's JSON the journal keeps; 0 keeps none (default: 4KiB)");
}

void add_limit_options(CLI::App& app, Config& config) {
    app.option_defaults()->group("Limits");
    auto& http = config.http;
    add(app, "--max-connections", http.connections_max, "Maximum number of open connections")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    add(app, "--max-header-bytes", http.header_bytes_max, "Maximum size of a request's head")
        ->check(CLI::Range(1024, 1 << 20))
        ->capture_default_str();
    add_duration(app, "--idle-timeout", http.idle_timeout,
                 "Longest wait between two requests of a connection");
    add_duration(app, "--header-timeout", http.header_timeout, "Longest time to receive a request's head");
    add_duration(app, "--body-timeout", http.body_timeout,
                 "Longest wait for the next bytes of a request's body");
    add_duration(app, "--write-timeout", http.write_timeout,
                 "Longest wait for the client to take bytes of the response");
    add_duration(app, "--stop-timeout", http.stop_timeout,
                 "Longest wait for running requests when firn stops");
}

}  // namespace

void add_options(CLI::App& app, Config& config) {
    // CLI11 looks for the file before it reads the environment, so the variable is passed as the default.
    auto const file = environment("FIRN_CONFIG");
    app.set_config("--config", file, "File with settings, in lines like: port = 4522 (Env:FIRN_CONFIG)",
                   !file.empty());
    app.config_formatter(std::make_shared<SettingsFile>());
    app.allow_config_extras(false);

    add_server_options(app, config);
    add_time_options(app, config);
    add_control_options(app, config);
    add_limit_options(app, config);
}

glacier::Timing timing_of(Config const& config) {
    auto timing = glacier::Timing::profile(config.timing);
    if (!timing) throw std::runtime_error("there is no timing profile " + config.timing);
    auto const override_range = [](glacier::DurationRange& range, std::optional<storage::Duration> duration) {
        if (duration) range = {*duration, *duration};
    };
    override_range(timing->expedited, config.expedited);
    override_range(timing->standard, config.standard);
    override_range(timing->bulk, config.bulk);
    override_range(timing->inventory_job, config.inventory_job);
    if (config.inventory == "fresh") timing->inventory = glacier::InventoryMode::fresh;
    if (config.inventory == "daily") timing->inventory = glacier::InventoryMode::daily;
    if (config.first_inventory_delay) timing->first_inventory_delay = *config.first_inventory_delay;
    if (config.output_lifetime) timing->output_lifetime = *config.output_lifetime;
    if (config.upload_lifetime) timing->upload_lifetime = *config.upload_lifetime;
    if (config.lock_lifetime) timing->lock_lifetime = *config.lock_lifetime;
    return *timing;
}

std::filesystem::path default_data_dir() {
    // Base directory specification: https://specifications.freedesktop.org/basedir-spec/
    if (char const* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') {
        return std::filesystem::path(data) / "firn";
    }
    if (char const* const home = std::getenv("HOME"); home != nullptr && home[0] != '\0') {
        return std::filesystem::path(home) / ".local/share/firn";
    }
    throw std::runtime_error("HOME is not set; give the directory with --data-dir, or use --in-memory");
}

}  // namespace firn
