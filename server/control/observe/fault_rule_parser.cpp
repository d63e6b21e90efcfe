// Reads and checks the JSON of a fault rule.
#include <fmt/format.h>

#include <algorithm>

#include "server/control/known_names.hpp"
#include "server/control/observe/fault_rules.hpp"
#include "server/control/refusal.hpp"
#include "server/glacier/error_codes.hpp"
#include "server/text/duration.hpp"

namespace firn::control {
namespace {

constexpr std::size_t error_code_length_max = 128;
constexpr char fault_hint[] = "a fault rule of firn asks for this error";

void check_members(text::JsonObject const& object, std::vector<std::string_view> const& known,
                   std::string_view where) {
    for (auto const& name : object.names()) {
        check_known(name, known, where);
        if (!object.has(name.c_str())) throw Refusal{400, fmt::format("{} is null; leave it out", name)};
    }
}

std::optional<std::int64_t> positive(text::JsonObject const& object, char const* name) {
    auto const value = object.integer(name);
    if (value && *value < 1) throw Refusal{400, fmt::format("{} must be 1 or more", name)};
    return value;
}

std::optional<std::uint64_t> offset(text::JsonObject const& object, char const* name) {
    auto const value = object.integer(name);
    if (value && *value < 0) throw Refusal{400, fmt::format("{} must be 0 or more", name)};
    return value;
}

// Refuses a rule that no request can match.
void check_requests(FaultRule const& rule) {
    if (rule.operation) check_operation_pattern(*rule.operation);
    if (rule.vault) check_vault_pattern(*rule.vault);
    check_owner(rule.account, rule.region);
}

FaultFrequency parse_frequency(text::JsonObject const& rule, text::JsonObject const& effect) {
    FaultFrequency frequency{positive(rule, "nth"), positive(rule, "every"), rule.number("probability"),
                             positive(rule, "times"), effect.number("requests_per_second")};
    if (frequency.probability && !(*frequency.probability >= 0 && *frequency.probability <= 1)) {
        throw Refusal{400, "probability must be from 0 to 1"};
    }
    if (frequency.requests_per_second && !(*frequency.requests_per_second > 0)) {
        throw Refusal{400, "requests_per_second must be more than 0"};
    }
    return frequency;
}

glacier::ServiceError error_of_name(std::string const& code) {
    if (auto const error = glacier::error_of_code(code, fault_hint)) return *error;
    std::vector<std::string_view> known;
    for (auto const& each : glacier::error_codes) known.push_back(each.code);
    throw Refusal{
        400, fmt::format("Glacier has no error {}; {}. An invented error needs a status from 400 to 599 too",
                         code, suggestion(code, known))};
}

glacier::ServiceError parse_error(text::JsonObject const& object) {
    check_members(object, {"code", "status", "message", "type"}, "an error");
    auto const code = object.string("code");
    if (!code || code->empty() || code->size() > error_code_length_max)
        throw Refusal{400, "an error needs a code of 1 to 128 characters"};
    auto const known =
        object.has("status") ? glacier::error_of_code(*code, fault_hint) : error_of_name(*code);
    auto const status = object.integer("status").value_or(known ? known->status : 0);
    if (status < 400 || status > 599) throw Refusal{400, "the status of an error must be from 400 to 599"};
    auto error = known.value_or(glacier::ServiceError{0, *code, *code, fault_hint});
    error.status = static_cast<unsigned>(status);
    error.message = object.string("message").value_or(error.message);
    error.type = object.string("type").value_or("");
    if (!error.type.empty() && error.type != "Client" && error.type != "Server") {
        throw Refusal{400, "the type of an error must be Client or Server"};
    }
    return error;
}

// `error` is a code alone, or an object.
std::optional<glacier::ServiceError> requested_error(text::JsonObject const& effect) {
    if (effect.has_object("error")) return parse_error(*effect.object("error"));
    auto const code = effect.string("error");
    return code ? std::optional(error_of_name(*code)) : std::nullopt;
}

std::chrono::milliseconds requested_latency(text::JsonObject const& effect) {
    auto const text = effect.string("latency");
    if (!text) return std::chrono::milliseconds(0);
    auto const latency = text::parse_duration(*text);
    if (!latency || *latency > std::chrono::hours(1)) {
        throw Refusal{400,
                      fmt::format("latency must be a duration like 250ms or 2s, at most 1h, not {}", *text)};
    }
    return *latency;
}

glacier::Fault parse_effect(text::JsonObject const& effect) {
    glacier::Fault fault;
    fault.error = requested_error(effect);
    fault.after = effect.boolean("after").value_or(false);
    fault.latency = requested_latency(effect);
    fault.timeout_after_bytes = offset(effect, "timeout_after_bytes");
    fault.wrong_checksum = effect.boolean("wrong_checksum").value_or(false);
    fault.job_failure = effect.string("job_failure");
    fault.wire.reset = effect.boolean("reset").value_or(false);
    fault.wire.cut_after_bytes = offset(effect, "cut_after_bytes");
    fault.wire.flip_at = offset(effect, "flip_byte");
    auto const rate = positive(effect, "bytes_per_second");
    if (rate) fault.wire.bytes_per_second = static_cast<std::uint64_t>(*rate);
    if (effect.has("requests_per_second") && !fault.error) fault.error = error_of_name("ThrottlingException");
    return fault;
}

// Refuses a rule that could never change anything.
void check_effect(FaultRule const& rule) {
    auto const& fault = rule.fault;
    auto const& wire = fault.wire;
    if (fault.after && !fault.error && !wire.reset) throw Refusal{400, "after needs error or reset"};
    bool const does_something = fault.error || fault.latency.count() > 0 || fault.timeout_after_bytes ||
                                fault.wrong_checksum || fault.job_failure || wire.reset ||
                                wire.cut_after_bytes || wire.flip_at || wire.bytes_per_second;
    if (!does_something) throw Refusal{400, "effect changes nothing"};
    auto const operations = glacier::operations();
    if (std::none_of(operations.begin(), operations.end(),
                     [&](auto const& each) { return rule.applies_to(each); })) {
        throw Refusal{
            400,
            "the rule matches no operation that its effect applies to: failing a job is for InitiateJob, "
            "a time-out after some bytes for UploadArchive and UploadMultipartPart"};
    }
}

}  // namespace

FaultRule parse_fault_rule(std::string const& json) {
    auto const rule = text::JsonObject::parse(json);
    check_members(
        rule, {"operation", "vault", "account", "region", "nth", "every", "probability", "times", "effect"},
        "a rule");
    auto const effect = rule.object("effect");
    if (!effect || effect->names().empty())
        throw Refusal{400, "effect is missing: what happens to the requests"};
    check_members(*effect,
                  {"error", "after", "latency", "reset", "timeout_after_bytes", "cut_after_bytes",
                   "flip_byte", "wrong_checksum", "bytes_per_second", "job_failure", "requests_per_second"},
                  "effect");
    FaultRule parsed{.source = nlohmann::json::parse(json),
                     .operation = rule.string("operation"),
                     .vault = rule.string("vault"),
                     .account = rule.string("account"),
                     .region = rule.string("region"),
                     .frequency = parse_frequency(rule, *effect),
                     .fault = parse_effect(*effect)};
    check_requests(parsed);
    check_effect(parsed);
    return parsed;
}

}  // namespace firn::control
