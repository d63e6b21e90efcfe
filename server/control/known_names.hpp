// The checks for misspelled names and values: a filter that is ignored would match everything, one that is
// misspelled nothing. All of them throw Refusal 400.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::control {

// Refuses a `name` that is not in `known`: "colour is not known; the body takes time". `where` is the thing
// that takes names: "the body", "a vault".
void check_known(std::string_view name, std::vector<std::string_view> const& known, std::string_view where);

// "did you mean ListJobs? The others are ...": the most similar name first. `known` has two names or more.
std::string suggestion(std::string_view name, std::vector<std::string_view> known);

// Refuses a pattern, with * and ? as wildcards, that matches no name of an operation.
void check_operation_pattern(std::string_view pattern);

// Refuses a pattern that matches no name that a vault can have.
void check_vault_pattern(std::string_view pattern);

// Refuses an account or a region that none can have.
void check_owner(std::optional<std::string> const& account, std::optional<std::string> const& region);

}  // namespace firn::control
