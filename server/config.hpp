// What the user can choose. Each setting is a flag, a FIRN_ environment variable and a key of the config
// file, all from the one declaration in config.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/glacier/timing.hpp"
#include "server/http/limits.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace firn {

struct Config {
    std::string host = "127.0.0.1";
    std::uint16_t port = 4522;        // 0: any free one
    std::filesystem::path data_dir;   // empty: firn's folder in the XDG data directory
    bool in_memory = false;           // nothing survives the process
    std::filesystem::path port_file;  // empty: none
    unsigned threads = 0;             // 0: one a core
    std::string account_id =
        "000000000000";                // of requests without a signature, and of keys that are no account
    std::string region = "us-east-1";  // of requests without a signature
    std::string timing = "fast";
    std::string clock = "real";  // of a new data directory: real, frozen, or a timestamp to be frozen at
    // Overrides of the timing profile.
    std::optional<storage::Duration> expedited;
    std::optional<storage::Duration> standard;
    std::optional<storage::Duration> bulk;
    std::optional<storage::Duration> inventory_job;
    std::optional<storage::Duration> first_inventory_delay;
    std::optional<storage::Duration> output_lifetime;
    std::optional<storage::Duration> upload_lifetime;
    std::optional<storage::Duration> lock_lifetime;
    std::string inventory;                   // fresh or daily; empty: as the profile
    std::string seed;                        // empty: kept in the data directory, random at first
    std::filesystem::path seed_file;         // of an empty data directory; empty: none
    std::vector<std::string> control_hosts;  // see control::AccessGuard
    std::size_t journal_size = 1000;         // requests
    std::string log_level = "info";
    http::Limits http;
};

// Declares all options on `app`, bound to `config`.
void add_options(CLI::App& app, Config& config);

// The profile with its overrides.
glacier::Timing timing_of(Config const& config);

// Throws std::runtime_error when there is no home directory to put it into.
std::filesystem::path default_data_dir();

}  // namespace firn
