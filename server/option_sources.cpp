#include "server/option_sources.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "server/text/nearest.hpp"

namespace firn {
namespace {

using Options = std::vector<CLI::Option*>;

// Those that are not for the server: of the commands, and of firn's tests and scripts.
constexpr char const* other_variables[] = {
    "FIRN_BINARY",     "FIRN_CONFIG",    "FIRN_ENDPOINT", "FIRN_FUZZ",        "FIRN_FUZZ_SECONDS",
    "FIRN_KILL_SEED",  "FIRN_LOAD_SEED", "FIRN_LONG",     "FIRN_LOAD_ROUNDS", "FIRN_LOAD_SECONDS",
    "FIRN_MODEL_SEED", "FIRN_PATIENCE",  "FIRN_SANITIZE", "FIRN_SMOKE_CACHE", "FIRN_SNAPSHOT_ARCHIVES",
};

// A line of the config file.
struct Setting {
    std::string place;  // firn.conf:3
    std::string key;
    std::vector<std::string> values;
    bool is_section;
};

// The value of a variable; empty when it is not set.
std::string environment(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

// The options that variables and the file can set.
Options settings_of(CLI::App& app) {
    return app.get_options([](CLI::Option const* option) { return option->get_configurable(); });
}

void set(CLI::Option& option, std::vector<std::string> const& values, std::string const& source) {
    bool const is_list = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (values.empty()) throw CLI::ValidationError(source, "has no value");
    if (values.size() > 1 && !is_list)
        throw CLI::ValidationError(source, "takes one value; quote a value with blanks");
    try {
        option.add_result(values);
        option.run_callback();
    } catch (CLI::ParseError const& error) {
        std::string message = error.what();
        auto const own_name = option.get_name() + ": ";
        if (message.starts_with(own_name)) message.erase(0, own_name.size());
        throw CLI::ValidationError(source, message);
    }
}

void read_variables(Options const& options) {
    for (auto* const option : options) {
        auto const name = environment_name(option->get_name());
        auto const value = environment(name);
        if (option->count() == 0 && !value.empty()) set(*option, {value}, name);
    }
}

// The settings of the config file; none without a file. The file is read line by line, because CLI11 does not
// tell the line of a setting. Throws CLI::FileError when it cannot be read.
std::vector<Setting> read_file(CLI::App const& app) {
    bool const has_flag = app.count("--config") > 0;
    auto const path = has_flag ? app.get_option("--config")->as<std::string>() : environment("FIRN_CONFIG");
    std::vector<Setting> settings;
    if (path.empty()) return settings;
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        std::istringstream stream(line);
        for (auto const& item : CLI::ConfigTOML().from_config(stream)) {
            bool const is_section = !item.parents.empty();
            settings.push_back({fmt::format("{}:{}", path, number),
                                is_section ? item.parents.front() : item.name, item.inputs, is_section});
        }
    }
    // A directory can be opened, but not read.
    if (file.bad() || !file.eof())
        throw CLI::FileError(fmt::format("{}: cannot read {}", has_flag ? "--config" : "FIRN_CONFIG", path));
    return settings;
}

CLI::Option* find(Options const& options, std::string const& key) {
    auto const found = std::find_if(options.begin(), options.end(),
                                    [&](auto const* option) { return option->get_name() == "--" + key; });
    return found == options.end() ? nullptr : *found;
}

std::string unknown_key(std::string const& key, Options const& options) {
    std::vector<std::string> known;
    for (auto const* option : options) known.push_back(option->get_name().substr(2));
    auto const nearest = text::find_nearest(key, known);
    return nearest ? fmt::format("{} is not an option; {} is", key, *nearest) : key + " is not an option";
}

void require_known(Setting const& setting, Options const& options) {
    if (setting.is_section)
        throw CLI::ValidationError(setting.place, "the file cannot have sections: [" + setting.key + "]");
    if (find(options, setting.key) == nullptr)
        throw CLI::ValidationError(setting.place, unknown_key(setting.key, options));
}

// Sets those of `open` that the file has.
void set_from_file(std::vector<Setting> const& settings, Options const& open) {
    for (auto const& setting : settings) {
        if (auto* const option = find(open, setting.key); option != nullptr && !setting.is_section)
            set(*option, setting.values, fmt::format("{}: {}", setting.place, setting.key));
    }
}

// The options without a value.
Options open_ones(Options options) {
    std::erase_if(options, [](CLI::Option const* option) { return option->count() > 0; });
    return options;
}

}  // namespace

std::string environment_name(std::string const& flag) {
    std::string name = "FIRN_";
    for (char const c : flag.substr(2)) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    return name;
}

void complete_options(CLI::App& app) {
    auto const options = settings_of(app);
    read_variables(options);
    auto const settings = read_file(app);
    for (auto const& setting : settings) require_known(setting, options);
    set_from_file(settings, open_ones(options));
}

void complete_port_options(CLI::App& app) {
    Options const options = {app.get_option("--host"), app.get_option("--port"),
                             app.get_option("--port-file")};
    read_variables(options);
    try {
        set_from_file(read_file(app), open_ones(options));
    } catch (CLI::FileError const&) {
        if (app.count("--config") > 0) throw;
    }
}

std::vector<std::string> unknown_variables(CLI::App const& app) {
    std::vector<std::string> known(std::begin(other_variables), std::end(other_variables));
    for (auto const* option : app.get_options([](auto const* one) { return one->get_configurable(); }))
        known.push_back(environment_name(option->get_name()));
    std::vector<std::string> messages;
    for (char* const* variable = environ; *variable != nullptr; ++variable) {
        std::string_view const text = *variable;
        std::string const name(text.substr(0, text.find('=')));
        bool const is_known = std::find(known.begin(), known.end(), name) != known.end();
        if (!name.starts_with("FIRN_") || is_known || environment(name).empty()) continue;
        auto const nearest = text::find_nearest(name, known);
        messages.push_back(fmt::format("the variable {} has no effect; firn does not know it{}", name,
                                       nearest ? "; did you mean " + *nearest + "?" : ""));
    }
    return messages;
}

}  // namespace firn
