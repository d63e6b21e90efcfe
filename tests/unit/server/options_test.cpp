#include "server/options.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "server/option_sources.hpp"
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
    complete_options(app);
    return config;
}

// The message of the refusal; empty when nothing is refused.
std::string refusal_of(std::vector<std::string> const& arguments) {
    try {
        parse(arguments);
        return "";
    } catch (CLI::ParseError const& error) {
        return error.what();
    }
}

bool is_refused(std::vector<std::string> const& arguments) {
    return !refusal_of(arguments).empty();
}

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != text.npos;
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
        Variable const variable(environment_name("--" + setting.option), setting.text);
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

TEST_CASE("the help of every option has its default and its variable") {
    Config config;
    CLI::App app;
    add_options(app, config);
    for (auto const* option : app.get_options()) {
        if (option->get_name() == "--help") continue;
        CAPTURE(option->get_name());
        CHECK(contains(option->get_description(), "(default: "));
        CHECK(contains(option->get_description(),
                       fmt::format("(Env:{})", environment_name(option->get_name()))));
    }
    CHECK(contains(app.get_option("--port")->get_description(), "(default: 4522)"));
    CHECK(contains(app.get_option("--standard")->get_description(), "(default: by --timing)"));
    CHECK(contains(app.get_option("--body-timeout")->get_description(), "(default: 30s)"));
    CHECK(contains(app.get_option("--output-lifetime")->get_description(), "(default: 1d)"));
}

TEST_CASE("commands need the port alone, and nothing else can stand in their way") {
    auto const port = [](std::vector<std::string> const& arguments) {
        Config config;
        CLI::App app;
        add_options(app, config);
        app.parse(std::vector(arguments.rbegin(), arguments.rend()));
        complete_port_options(app);
        return config.port;
    };
    Variable const timing("FIRN_TIMING", "warp");
    ConfigFile const file("colour = blue\nport = 1\nstandard = soon");
    CHECK(port(file.arguments()) == 1);
    {
        Variable const variable("FIRN_CONFIG", "/nonexistent/firn.conf");
        CHECK(port({}) == Config().port);
    }
    CHECK_THROWS_AS(port({"--config", "/nonexistent/firn.conf"}), CLI::ParseError);
    Variable const variable("FIRN_PORT", "x");
    CHECK_THROWS_AS(port({}), CLI::ParseError);
}

TEST_CASE("a variable that nobody knows is told, with the one that was meant") {
    Config config;
    CLI::App app;
    add_options(app, config);
    auto const messages_for = [&](std::string const& name) {
        Variable const variable(name, "aws");
        std::string found;
        for (auto const& message : unknown_variables(app)) {
            if (contains(message, name + " ")) found += message;
        }
        return found;
    };
    CHECK(contains(messages_for("FIRN_TIMNG"), "FIRN_TIMING"));
    CHECK(contains(messages_for("FIRN_QUITE_ANOTHER_THING"), "no effect"));
    CHECK_FALSE(contains(messages_for("FIRN_QUITE_ANOTHER_THING"), "did you mean"));
    for (auto const* const known :
         {"FIRN_TIMING", "FIRN_CONFIG", "FIRN_ENDPOINT", "FIRN_BINARY", "FIRN_PATIENCE"})
        CHECK(messages_for(known).empty());
}

TEST_CASE("several hosts may use the control surface") {
    std::vector<std::string> const both = {"10.0.0.1", "firn"};
    CHECK(parse({"--control-host", "10.0.0.1,firn"}).control_hosts == both);
    CHECK(parse({"--control-host", "10.0.0.1", "--control-host", "firn"}).control_hosts == both);
    Variable const variable("FIRN_CONTROL_HOST", "10.0.0.1,firn");
    CHECK(parse({}).control_hosts == both);
}

TEST_CASE("a clock is real, frozen or a time that it can show") {
    for (auto const* const time : {"real", "frozen", "2030-01-01T00:00:00Z", "2030-01-31",
                                   "2030-01-31T12:00Z", "1970-01-01", "9000-01-01T00:00:00Z"}) {
        CHECK(parse({"--clock", time}).clock == time);
    }
    CHECK(contains(refusal_of({"--clock", "9999-01-01"}), "1970 to 8999"));
}

TEST_CASE("how long jobs take can be a range") {
    auto const range = text::DurationRange(3h, 5h);
    CHECK(parse({"--standard", "3h-5h"}).standard == range);
    CHECK(parse(ConfigFile("bulk = 3h-5h").arguments()).bulk == range);
    Variable const variable("FIRN_EXPEDITED", "3h-5h");
    CHECK(parse({}).expedited == range);
}

TEST_CASE("the last of a repeated flag counts, and the last of a repeated key") {
    CHECK(parse({"--port", "1", "--port", "2"}).port == 2);
    CHECK(parse({"--standard", "1s", "--standard", "2s"}).standard == 2s);
    CHECK(parse({"--in-memory", "--in-memory"}).in_memory);
    CHECK(parse(ConfigFile("port = 1\nport = 2").arguments()).port == 2);
}

TEST_CASE("a key takes one value") {
    ConfigFile const file("seed = two words");
    CHECK(contains(refusal_of(file.arguments()), file.path() + ":1: seed: takes one value"));
    CHECK(parse(ConfigFile("seed = \"two words\"").arguments()).seed == "two words");
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
    CHECK(contains(refusal_of({}), "FIRN_CONFIG: cannot read /nonexistent/firn.conf"));
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
        {"standard",
         {"-1s", "soon", "s", "1 h x", "nan", "inf", "1e30d", "5s5", "5h-3h", "3-5h", "3h-", "1h-2h-3h"}},
        {"output-lifetime", {"2hours", "3h-5h"}},
        {"clock", {"2030", "1960-01-01", "1969-12-31T23:59:59.999Z", "9000-01-02", "9999-01-01T00:00:00Z"}},
        {"in-memory", {"maybe"}},
    };
    for (auto const& entry : bad) {
        auto const& option = entry.first;
        for (auto const& value : entry.second) {
            CAPTURE(option);
            CAPTURE(value);
            CHECK(contains(refusal_of({fmt::format("--{}={}", option, value)}), "--" + option));
            ConfigFile const file(fmt::format("\n{} = \"{}\"", option, value));
            CHECK(refusal_of(file.arguments()).starts_with(fmt::format("{}:2: {}: ", file.path(), option)));
            auto const name = environment_name("--" + option);
            Variable const variable(name, value);
            CHECK(refusal_of({}).starts_with(name + ": "));
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
    CHECK(is_refused(ConfigFile("config = other").arguments()));
    CHECK(is_refused(ConfigFile("help = true").arguments()));
    CHECK(contains(refusal_of(ConfigFile("port = 1\nprot = 2").arguments()),
                   ":2: prot is not an option; port is"));
    CHECK(
        contains(refusal_of({"--config", "/nonexistent/firn.conf"}), "--config: cannot read /nonexistent/"));
    CHECK(contains(refusal_of({"--config", "/"}), "--config: cannot read /"));
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
