// `firn faults`: rules that make requests fail.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

using SharedJson = std::shared_ptr<Json>;

// The fields of an object, like `error ThrottlingException, after`. A field that is true shows only its name.
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

// The table row of a rule.
Json row_of(Json const& fault) {
    auto const rule = fault.value("rule", Json::object());
    auto when = Json::object();
    for (char const* const key : {"nth", "every", "probability", "times"}) {
        if (rule.contains(key)) when[key] = rule[key];
    }
    return {{"id", cell(fault, "id")},
            {"operation", rule.value("operation", "*")},
            {"vault", rule.value("vault", "*")},
            {"account", rule.value("account", "*")},
            {"region", rule.value("region", "*")},
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
                  {"ACCOUNT", "account"},
                  {"REGION", "region"},
                  {"WHEN", "when"},
                  {"MATCHED", "matched"},
                  {"FIRED", "fired"},
                  {"EFFECT", "effect"}},
                 "no faults");
}

std::string describe_fault(Json const& fault) {
    return describe_faults({{"faults", Json::array({fault})}});
}

// The range of CLI::PositiveNumber has 300 digits in its message.
CLI::Validator positive() {
    auto const check = [](std::string const& text) {
        return std::strtod(text.c_str(), nullptr) > 0 ? std::string() : "must be more than 0, not " + text;
    };
    return {check, "POSITIVE"};
}

// Adds an option whose value becomes a field of `object`.
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
    add_field<std::string>(add, "--operation", rule, "operation", "Operation, with * as wildcard");
    add_field<std::string>(add, "--vault", rule, "vault", "Name of the vault, with * and ? as wildcards");
    add_field<std::string>(add, "--account", rule, "account", "Account of the request");
    add_field<std::string>(add, "--region", rule, "region", "Region of the request");
    add_field<std::uint64_t>(add, "--nth", rule, "nth", "Only the nth matching request")->check(positive());
    add_field<std::uint64_t>(add, "--every", rule, "every", "Every nth matching request")->check(positive());
    add_field<double>(add, "--probability", rule, "probability",
                      "Random requests: 0 is none, 1 is all; the same seed gives the same requests")
        ->check(CLI::Range(0.0, 1.0));
    add_field<std::uint64_t>(add, "--times", rule, "times", "Not more often than this")->check(positive());
}

void add_effects(CLI::App& add, SharedJson const& effect, SharedJson const& error) {
    auto* const code = add_field<std::string>(add, "--error", error, "code",
                                              "Answer with this error code, like ThrottlingException");
    add_field<unsigned>(add, "--status", error, "status",
                        "HTTP status of the error, if not the usual one; an invented error needs it")
        ->check(CLI::Range(400, 599))
        ->needs(code);
    add_field<std::string>(add, "--message", error, "message", "Message of the error")->needs(code);
    add_field<std::string>(add, "--type", error, "type", "Type of the error: Client or Server")
        ->check(CLI::IsMember({"Client", "Server"}))
        ->needs(code);
    add_switch(add, "--reset", effect, "reset", "Reset the connection");
    add_switch(add, "--after", effect, "after", "With --error or --reset: carry out the operation first");
    add_field<std::string>(add, "--latency", effect, "latency",
                           "Wait before the answer, in real time, like 2s");
    add_field<std::uint64_t>(add, "--timeout-after", effect, "timeout_after_bytes",
                             "Answer 408 after this many bytes of an upload");
    add_field<std::uint64_t>(add, "--cut-after", effect, "cut_after_bytes",
                             "Close the connection after this many bytes of an output");
    add_field<std::uint64_t>(add, "--flip-byte", effect, "flip_byte",
                             "Invert the byte at this offset of an output");
    add_switch(add, "--wrong-checksum", effect, "wrong_checksum", "Send a wrong tree hash of an output");
    add_field<std::uint64_t>(add, "--trickle", effect, "bytes_per_second",
                             "Send an output at this rate, in bytes per second")
        ->check(positive());
    add_field<std::string>(add, "--fail-job", effect, "job_failure",
                           "Let the job fail with this message when it is due");
    add_field<double>(add, "--throttle", effect, "requests_per_second",
                      "Answer ThrottlingException to requests beyond this number per second")
        ->check(positive());
}

void add_add(CLI::App& faults, Commands& commands) {
    auto const rule = std::make_shared<Json>(Json::object());
    auto const effect = std::make_shared<Json>(Json::object());
    auto const error = std::make_shared<Json>(Json::object());
    auto& add = commands.add(faults, "add", "Add a rule", [=](Session const& session) {
        auto body = *rule;
        body["effect"] = *effect;
        // A code alone means the usual status and message of that error.
        if (!error->empty()) body["effect"]["error"] = error->size() == 1 ? error->at("code") : *error;
        session.show(session.ask("POST", {"faults"}, body), describe_fault);
    });
    add_conditions(add_group(add, "Which requests", "Default: all requests"), rule);
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
    commands.add(faults, "list", "List the rules and how often each has fired (the default)", list);
    add_add(faults, commands);

    auto const add_one = [&](std::string const& name, std::string const& help, std::string const& method) {
        auto const id = std::make_shared<std::string>();
        auto& command = commands.add(faults, name, help, [id, method](Session const& session) {
            session.show(session.ask(method, {"faults", *id}), describe_fault);
        });
        add_id(command, *id, "id", "Id of the rule");
    };
    add_one("show", "Show a rule and how often it has fired", "GET");
    add_one("remove", "Remove a rule", "DELETE");
    commands.add(
        faults, "clear", "Remove all rules; prints how often each has fired",
        [](Session const& session) { session.show(session.ask("DELETE", {"faults"}), describe_faults); });
}

}  // namespace firn::cli
