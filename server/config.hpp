// The settings of the server. One declaration in options.cpp makes each of them a flag, a FIRN_ environment
// variable and a key of the config file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/glacier/timing.hpp"
#include "server/http/limits.hpp"

namespace firn {

struct Config {
    std::string host = "127.0.0.1";
    std::uint16_t port = 4522;        // 0: any free port
    std::filesystem::path data_dir;   // empty: default_data_dir()
    bool in_memory = false;           // the data are lost when the process ends
    std::filesystem::path port_file;  // empty: none
    unsigned threads = 0;             // 0: one for each core
    // The account of requests without a signature, and of access keys that are not 12 digits.
    std::string account_id = "000000000000";
    std::string region = "us-east-1";  // of requests without a signature
    std::string timing = "fast";       // instant, fast or aws
    std::string clock = "real";        // of a new data directory: real, frozen, or a time to freeze at
    // These override the timing profile.
    std::optional<text::DurationRange> expedited;
    std::optional<text::DurationRange> standard;
    std::optional<text::DurationRange> bulk;
    std::optional<text::DurationRange> inventory_job;
    std::optional<storage::Duration> first_inventory_delay;
    std::optional<storage::Duration> output_lifetime;
    std::optional<storage::Duration> upload_lifetime;
    std::optional<storage::Duration> lock_lifetime;
    std::string inventory;            // fresh or daily; empty: as in the profile
    std::string seed;                 // of ids and durations; empty: random, kept in the data directory
    std::filesystem::path seed_file;  // fills an empty data directory; empty: none
    std::vector<std::string> control_hosts;       // for control::AccessGuard
    std::size_t journal_size = 1000;              // requests
    std::uint64_t journal_body_bytes_max = 4096;  // of each request's JSON
    std::string log_level = "info";
    http::Limits http;
};

// The timing profile with its overrides. Throws std::runtime_error when there is no such profile.
glacier::Timing timing_of(Config const& config);

// firn's folder in the XDG data directory. Throws std::runtime_error when HOME is not set.
std::filesystem::path default_data_dir();

}  // namespace firn
