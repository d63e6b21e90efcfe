// `firn faults`: rules that make requests go wrong.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

using SharedJson = std::shared_ptr<Json>;

// `error ThrottlingException, after`: the fields of an object, those that are just true by their names alone.
std::string describe_fields(Json const& object) {
    std::string text;
    for (auto const& [key, value] : object.items()) {
        if (value == false) continue;
        if (!text.empty()) text += ", ";
        text += words_of(key);
        if (value.is_object()) {
            text += fmt::format(" ({})", describe_fields(value));
        } else if (value != true) {
            text += ' ' + cell(value);
        }
    }
    return text.empty() ? "-" : text;
}

// A rule in one line of a table.
Json row_of(Json const& fault) {
    auto const rule = fault.value("rule", Json::object());
    auto when = Json::object();
    for (char const* const key : {"nth", "every", "probability", "times"}) {
        if (rule.contains(key)) when[key] = rule[key];
    }
    return {{"id", cell(fault, "id")},
            {"operation", rule.value("operation", "*")},
            {"vault", rule.value("vault", "*")},
            {"when", when.empty() ? "always" : describe_fields(when)},
            {"effect", describe_fields(rule.value("effect", Json::object()))},
            {"matched", cell(fault, "matched")},
            {"fired", cell(fault, "fired")}};
}

std::string describe_faults(Json const& answer) {
    auto rows = Json::array();
    for (auto const& fault : answer.value("faults", Json::array())) rows.push_back(row_of(fault));
    return table(rows,
                 {{"ID", "id"},
                  {"OPERATION", "operation"},
                  {"VAULT", "vault"},
                  {"WHEN", "when"},
                  {"MATCHED", "matched"},
                  {"FIRED", "fired"},
                  {"EFFECT", "effect"}},
                 "no faults");
}

std::string describe_fault(Json const& fault) {
    return describe_faults({{"faults", Json::array({fault})}});
}

// The value of an option becomes a field.
template <typename T>
CLI::Option* add_field(CLI::App& command, std::string const& flag, SharedJson const& object,
                       std::string const& key, std::string const& help) {
    auto const keep = [object, key](T const& value) { (*object)[key] = value; };
    return command.add_option_function<T>(flag, keep, help);
}

CLI::Option* add_switch(CLI::App& command, std::string const& flag, SharedJson const& object,
                        std::string const& key, std::string const& help) {
    return command.add_flag_function(
        flag, [object, key](std::int64_t) { (*object)[key] = true; }, help);
}

void add_conditions(CLI::App& add, SharedJson const& rule) {
    add_field<std::string>(add, "--operation", rule, "operation", "Of this operation, * is a wildcard");
    add_field<std::string>(add, "--vault", rule, "vault", "On vaults of this name, * and ? are wildcards");
    add_field<std::uint64_t>(add, "--nth", rule, "nth", "Only the nth that matches");
    add_field<std::uint64_t>(add, "--every", rule, "every", "Each nth that matches");
    add_field<double>(add, "--probability", rule, "probability",
                      "Some of them, 0 to 1, the same in every run");
    add_field<std::uint64_t>(add, "--times", rule, "times", "At most so many");
}

void add_effects(CLI::App& add, SharedJson const& effect, SharedJson const& error) {
    auto* const code =
        add_field<std::string>(add, "--error", error, "code", "This error, e.g. ThrottlingException");
    add_field<unsigned>(add, "--status", error, "status", "Its HTTP status, if not the usual one")
        ->needs(code);
    add_field<std::string>(add, "--message", error, "message", "Its message")->needs(code);
    add_field<std::string>(add, "--type", error, "type", "Its type: Client or Server")->needs(code);
    add_switch(add, "--reset", effect, "reset", "The connection is reset");
    add_switch(add, "--after", effect, "after",
               "With --error or --reset: the operation is carried out first");
    add_field<std::string>(add, "--latency", effect, "latency",
                           "Wait so long in real time before the answer: 2s");
    add_field<std::uint64_t>(add, "--timeout-after", effect, "timeout_after_bytes",
                             "408 after so many bytes of an upload");
    add_field<std::uint64_t>(add, "--cut-after", effect, "cut_after_bytes",
                             "The connection closes after so many bytes of an output");
    add_field<std::uint64_t>(add, "--flip-byte", effect, "flip_byte",
                             "The byte there of an output is inverted");
    add_switch(add, "--wrong-checksum", effect, "wrong_checksum", "The tree hash of an output is wrong");
    add_field<std::uint64_t>(add, "--trickle", effect, "bytes_per_second",
                             "So many bytes of an output a second");
    add_field<std::string>(add, "--fail-job", effect, "job_failure", "The job will fail with this message");
    add_field<double>(add, "--throttle", effect, "requests_per_second",
                      "More requests a second than so many get ThrottlingException");
}

void add_add(CLI::App& faults, Commands& commands) {
    auto const rule = std::make_shared<Json>(Json::object());
    auto const effect = std::make_shared<Json>(Json::object());
    auto const error = std::make_shared<Json>(Json::object());
    auto& add = commands.add(faults, "add", "Add a rule", [=](Session const& session) {
        auto body = *rule;
        body["effect"] = *effect;
        // A code alone stands for its usual status and message.
        if (!error->empty()) body["effect"]["error"] = error->size() == 1 ? error->at("code") : *error;
        session.show(session.ask("POST", {"faults"}, body), describe_fault);
    });
    add_conditions(add_group(add, "Which requests", "Without any of these every one"), rule);
    auto& effects = add_group(add, "What happens to them");
    effects.require_option(1, 0);
    add_effects(effects, effect, error);
}

}  // namespace

void define_faults(CLI::App& faults, Commands& commands) {
    auto const list = [](Session const& session) {
        session.show(session.ask("GET", {"faults"}), describe_faults);
    };
    commands.define(faults, list);
    commands.add(faults, "list", "The rules, and how often each fired (the default)", list);
    add_add(faults, commands);

    auto const id = std::make_shared<std::string>();
    auto& remove = commands.add(faults, "remove", "Remove a rule", [id](Session const& session) {
        session.show(session.ask("DELETE", {"faults", *id}), describe_fault);
    });
    add_id(remove, *id, "id", "Of the rule");
    commands.add(
        faults, "clear", "Remove all rules; prints how often each fired",
        [](Session const& session) { session.show(session.ask("DELETE", {"faults"}), describe_faults); });
}

}  // namespace firn::cli
