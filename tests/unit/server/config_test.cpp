#include "server/config.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "tests/support/temporary_directory.hpp"

using namespace firn;
using namespace std::chrono_literals;
using firn::test::TemporaryDirectory;

namespace {

// A variable of the environment, as it was again when the test ends. No value: not set.
class Variable {
public:
    Variable(std::string name, std::optional<std::string> const& value) : name_(std::move(name)) {
        if (char const* const before = std::getenv(name_.c_str())) before_ = before;
        set(value);
    }
    Variable(Variable const&) = delete;
    ~Variable() { set(before_); }

private:
    void set(std::optional<std::string> const& value) const {
        if (value) {
            ::setenv(name_.c_str(), value->c_str(), 1);
        } else {
            ::unsetenv(name_.c_str());
        }
    }

    std::string name_;
    std::optional<std::string> before_;
};

// Throws CLI::ParseError.
Config parse(std::vector<std::string> const& arguments) {
    Config config;
    CLI::App app;
    add_options(app, config);
    app.parse(std::vector(arguments.rbegin(), arguments.rend()));
    return config;
}

bool is_refused(std::vector<std::string> const& arguments) {
    try {
        parse(arguments);
        return false;
    } catch (CLI::ParseError const&) {
        return true;
    }
}

std::string environment_name(std::string const& option) {
    std::string name = "FIRN_";
    for (char const c : option) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    return name;
}

// Arguments that name a config file of these lines.
class ConfigFile {
public:
    explicit ConfigFile(std::string const& lines) { std::ofstream(path()) << lines << '\n'; }
    std::string path() const { return (directory_.path() / "firn.conf").string(); }
    std::vector<std::string> arguments() const { return {"--config", path()}; }

private:
    TemporaryDirectory directory_;
};

struct Setting {
    std::string option;
    std::string text;
    std::function<bool(Config const&)> is_set;
};

std::vector<Setting> const settings = {
    {"host", "0.0.0.0", [](Config const& c) { return c.host == "0.0.0.0"; }},
    {"port", "8080", [](Config const& c) { return c.port == 8080; }},
    {"port-file", "/x/port", [](Config const& c) { return c.port_file == "/x/port"; }},
    {"threads", "7", [](Config const& c) { return c.threads == 7; }},
    {"log-level", "debug", [](Config const& c) { return c.log_level == "debug"; }},
    {"data-dir", "/x/data", [](Config const& c) { return c.data_dir == "/x/data"; }},
    {"in-memory", "true", [](Config const& c) { return c.in_memory; }},
    {"account-id", "123456789012", [](Config const& c) { return c.account_id == "123456789012"; }},
    {"region", "eu-west-1", [](Config const& c) { return c.region == "eu-west-1"; }},
    {"seed-file", "/x/seed.json", [](Config const& c) { return c.seed_file == "/x/seed.json"; }},
    {"seed", "s", [](Config const& c) { return c.seed == "s"; }},
    {"timing", "aws", [](Config const& c) { return c.timing == "aws"; }},
    {"clock", "frozen", [](Config const& c) { return c.clock == "frozen"; }},
    {"expedited", "250ms", [](Config const& c) { return c.expedited == 250ms; }},
    {"standard", "90s", [](Config const& c) { return c.standard == 90s; }},
    {"bulk", "5m", [](Config const& c) { return c.bulk == 5min; }},
    {"inventory-job", "12h", [](Config const& c) { return c.inventory_job == 12h; }},
    {"inventory", "daily", [](Config const& c) { return c.inventory == "daily"; }},
    {"first-inventory-delay", "1d", [](Config const& c) { return c.first_inventory_delay == 24h; }},
    {"output-lifetime", "1.5h", [](Config const& c) { return c.output_lifetime == 90min; }},
    {"upload-lifetime", "36h", [](Config const& c) { return c.upload_lifetime == 36h; }},
    {"lock-lifetime", "48h", [](Config const& c) { return c.lock_lifetime == 48h; }},
    {"control-host", "10.0.0.1",
     [](Config const& c) { return c.control_hosts == std::vector<std::string>{"10.0.0.1"}; }},
    {"journal-size", "5", [](Config const& c) { return c.journal_size == 5; }},
    {"journal-bodies", "64KiB", [](Config const& c) { return c.journal_body_bytes_max == 64 << 10; }},
    {"max-connections", "5", [](Config const& c) { return c.http.connections_max == 5; }},
    {"max-header-bytes", "2048", [](Config const& c) { return c.http.header_bytes_max == 2048; }},
    {"idle-timeout", "1s", [](Config const& c) { return c.http.idle_timeout == 1s; }},
    {"header-timeout", "2s", [](Config const& c) { return c.http.header_timeout == 2s; }},
    {"body-timeout", "3s", [](Config const& c) { return c.http.body_timeout == 3s; }},
    {"write-timeout", "4s", [](Config const& c) { return c.http.write_timeout == 4s; }},
    {"stop-timeout", "5s", [](Config const& c) { return c.http.stop_timeout == 5s; }},
};

}  // namespace

TEST_CASE("every setting is a flag, a variable of the environment and a key of the config file") {
    auto const defaults = parse({});
    for (auto const& setting : settings) {
        CAPTURE(setting.option);
        CHECK_FALSE(setting.is_set(defaults));
        std::vector<std::string> flag = {"--" + setting.option};
        if (setting.option != "in-memory") flag.push_back(setting.text);
        CHECK(setting.is_set(parse(flag)));
        CHECK(setting.is_set(
            parse(ConfigFile(fmt::format("{} = {}", setting.option, setting.text)).arguments())));
        Variable const variable(environment_name(setting.option), setting.text);
        CHECK(setting.is_set(parse({})));
    }
}

TEST_CASE("the table of settings above has every option") {
    Config config;
    CLI::App app;
    add_options(app, config);
    // Beside them --help and --config.
    CHECK(app.get_options().size() == settings.size() + 2);
}

TEST_CASE("several hosts may use the control surface") {
    std::vector<std::string> const both = {"10.0.0.1", "firn"};
    CHECK(parse({"--control-host", "10.0.0.1,firn"}).control_hosts == both);
    CHECK(parse({"--control-host", "10.0.0.1", "--control-host", "firn"}).control_hosts == both);
    Variable const variable("FIRN_CONTROL_HOST", "10.0.0.1,firn");
    CHECK(parse({}).control_hosts == both);
}

TEST_CASE("a clock is real, frozen or a time") {
    CHECK(parse({"--clock", "2030-01-01T00:00:00Z"}).clock == "2030-01-01T00:00:00Z");
    CHECK(is_refused({"--clock", "2030"}));
}

TEST_CASE("a flag comes before the environment and before the config file") {
    ConfigFile const file("port = 1");
    Variable const variable("FIRN_PORT", "2");
    CHECK(parse({"--config", file.path(), "--port", "3"}).port == 3);
}

TEST_CASE("the environment comes before the config file") {
    ConfigFile const file("port = 1");
    Variable const variable("FIRN_PORT", "2");
    CHECK(parse(file.arguments()).port == 2);
}

TEST_CASE("the config file can be named by the environment") {
    ConfigFile const file("port = 1");
    Variable const variable("FIRN_CONFIG", file.path());
    CHECK(parse({}).port == 1);
}

TEST_CASE("an empty variable is the same as none") {
    Variable const port("FIRN_PORT", "");
    Variable const config("FIRN_CONFIG", "");
    CHECK(parse({}).port == Config().port);
}

TEST_CASE("an empty variable does not stand in the way of the config file") {
    ConfigFile const file("port = 1");
    Variable const port("FIRN_PORT", "");
    CHECK(parse(file.arguments()).port == 1);
}

TEST_CASE("a config file that the environment names must be there, and --config comes before it") {
    ConfigFile const file("port = 1");
    Variable const variable("FIRN_CONFIG", "/nonexistent/firn.conf");
    CHECK(is_refused({}));
    CHECK(parse(file.arguments()).port == 1);
}

TEST_CASE("values that cannot be are refused") {
    std::vector<std::pair<std::string, std::vector<std::string>>> const bad = {
        {"port", {"65536", "-1", "x", "80x"}},
        {"threads", {"257", "-1", "many"}},
        {"log-level", {"loud", "INFO"}},
        {"account-id", {"12345678901", "1234567890123", "1234-5678-9012"}},
        {"timing", {"slow", "AWS"}},
        {"inventory", {"weekly"}},
        {"max-connections", {"x", "1.5"}},
        {"max-header-bytes", {"1023", "1048577"}},
        {"standard", {"-1s", "1w", "soon", "s", "1 h x", "nan", "inf", "1e30d", "5s5"}},
    };
    for (auto const& entry : bad) {
        auto const& option = entry.first;
        for (auto const& value : entry.second) {
            CAPTURE(option);
            CAPTURE(value);
            CHECK(is_refused({fmt::format("--{}={}", option, value)}));
            CHECK(is_refused(ConfigFile(fmt::format("{} = \"{}\"", option, value)).arguments()));
            Variable const variable(environment_name(option), value);
            CHECK(is_refused({}));
        }
    }
}

TEST_CASE("there cannot be fewer connections than none") {
    CHECK(is_refused({"--max-connections=-1"}));
}

TEST_CASE("what nobody knows is refused, wherever it stands") {
    CHECK(is_refused({"--colour", "blue"}));
    CHECK(is_refused({"serve-me"}));
    CHECK(is_refused(ConfigFile("colour = blue").arguments()));
    CHECK(is_refused({"--config", "/nonexistent/firn.conf"}));
}

TEST_CASE("a duration without a unit counts seconds, and may be zero") {
    CHECK(parse({"--standard", "5"}).standard == 5s);
    CHECK(parse({"--standard", "0"}).standard == 0s);
    CHECK(parse({"--standard", "0.25s"}).standard == 250ms);
}

TEST_CASE("data go to the XDG data directory, or where that is by default") {
    Variable const home("HOME", "/home/someone");
    {
        Variable const data("XDG_DATA_HOME", "/data");
        CHECK(default_data_dir() == "/data/firn");
    }
    for (auto const& unusable : {std::optional<std::string>(), std::optional<std::string>("relative")}) {
        Variable const data("XDG_DATA_HOME", unusable);
        CHECK(default_data_dir() == "/home/someone/.local/share/firn");
        Variable const no_home("HOME", std::nullopt);
        CHECK_THROWS_AS(default_data_dir(), std::runtime_error);
    }
}
