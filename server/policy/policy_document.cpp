#include "server/policy/policy_document.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "server/text/json_object.hpp"
#include "server/text/wildcard.hpp"

namespace firn::policy {
namespace {
using nlohmann::json;

// Whether the value is a string that fits, or an array of such strings.
bool are_texts(json const& value, std::function<bool(std::string const&)> const& fits) {
    if (value.is_string()) return fits(value.get<std::string>());
    if (!value.is_array() || value.empty()) return false;
    for (auto const& element : value) {
        if (!element.is_string() || !fits(element.get<std::string>())) return false;
    }
    return true;
}

bool is_principal(json const& value) {
    if (value.is_string()) return value == "*";
    if (!value.is_object() || value.empty()) return false;
    for (auto const& element : value) {
        if (!are_texts(element, [](std::string const& text) { return !text.empty(); })) return false;
    }
    return true;
}

// IAM compares the names of actions, and their prefixes, without regard to case.
bool is_action(std::string const& text) {
    return text == "*" || boost::istarts_with(text, "glacier:");
}

// The value of a member or of its `Not…` form; null unless exactly one of the two is there.
json const* one_of(json const& statement, char const* name, char const* negated) {
    auto const plain = statement.find(name);
    auto const other = statement.find(negated);
    if ((plain != statement.end()) == (other != statement.end())) return nullptr;
    return plain != statement.end() ? &*plain : &*other;
}

// IAM allows each member once in an object. Source: IAM user guide, "Grammar of the IAM JSON policy
// language".
std::optional<std::string> find_repeated_member(std::string_view text) {
    std::vector<std::set<std::string>> names;  // of the objects that are open
    std::optional<std::string> repeated;
    auto const note = [&](int, json::parse_event_t event, json const& parsed) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second)
            repeated = fmt::format("an object has the member {} twice", parsed.get<std::string>());
        return true;
    };
    bool const is_json = !json::parse(text, note, false).is_discarded();
    return is_json ? repeated : std::nullopt;
}

std::optional<std::string> find_statement_fault(json const& statement, std::string_view vault_arn) {
    if (!statement.is_object()) return "a statement must be an object";
    auto const effect = statement.value("Effect", json());
    if (effect != "Allow" && effect != "Deny") return "Effect must be Allow or Deny";
    auto const* const principal = one_of(statement, "Principal", "NotPrincipal");
    if (principal == nullptr || !is_principal(*principal))
        return "a statement needs a Principal or NotPrincipal: \"*\" or an object such as {\"AWS\": \"ARN\"}";
    auto const* const action = one_of(statement, "Action", "NotAction");
    if (action == nullptr || !are_texts(*action, is_action))
        return "Action must be names like glacier:DeleteArchive";
    auto const* const resource = one_of(statement, "Resource", "NotResource");
    auto const is_vault = [&](std::string const& pattern) {
        return text::matches_wildcard(pattern, vault_arn);
    };
    if (resource == nullptr || !are_texts(*resource, is_vault))
        return fmt::format("Resource must be {}", vault_arn);
    auto const condition = statement.find("Condition");
    if (condition != statement.end() && !condition->is_object()) return "Condition must be an object";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_policy_fault(std::string_view text, std::string_view vault_arn) {
    if (text.size() > document_size_bytes_max) return "a policy has at most 20 KiB";
    json policy;
    try {
        policy = text::parse_json(text);
    } catch (text::JsonError const& error) {
        return error.what();
    }
    // The parser takes a null character for the end.
    bool const is_whole = text.find('\0') == text.npos;
    if (!policy.is_object() || !is_whole) return "a policy must be a JSON object";
    if (auto fault = find_repeated_member(text)) return fault;
    auto const version = policy.find("Version");
    if (version != policy.end() && *version != "2012-10-17" && *version != "2008-10-17") {
        return "Version must be 2012-10-17";
    }
    auto const statements = policy.find("Statement");
    if (statements == policy.end()) return "a policy needs a Statement";
    if (!statements->is_array()) return find_statement_fault(*statements, vault_arn);
    if (statements->empty()) return "a policy needs at least one statement";
    for (auto const& statement : *statements) {
        if (auto fault = find_statement_fault(statement, vault_arn)) return fault;
    }
    return std::nullopt;
}

}  // namespace firn::policy
