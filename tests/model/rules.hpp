// What the model computes from texts and bytes alone.
#pragma once

#include <string>
#include <string_view>

#include "tests/model/model.hpp"

namespace firn::test::model {

std::string milliseconds_text(Time time);  // 2012-03-20T17:03:43.221Z
std::string seconds_text(Time time);
std::optional<Time> parse_seconds(std::string const& text);
std::optional<Time> parse_milliseconds(std::string const& text);

std::string linear_hash(std::string_view content);
std::string tree_hash_of(std::string_view content);
// Whether the bytes first…last of an archive stand below one node of its tree.
bool is_aligned(std::uint64_t first, std::uint64_t last, std::uint64_t size);

// A number in decimal digits, and nothing else.
std::optional<std::uint64_t> number_of(std::string const& text);
std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(std::string const& text);

// The JSON object that a body must be; without a body an empty one. Throws Refusal.
json object_of(std::string const& body);
// A string member; nothing when it is null or absent. Throws Refusal when it is something else.
std::optional<std::string> text_of(json const& object, char const* name);
std::optional<std::string> filled_text_of(json const& object, char const* name);

bool is_vault_name(std::string const& name);
bool is_description(std::string const& text);
bool is_topic(std::string const& text, std::string const& region);
bool is_policy(std::string const& text, std::string const& arn);
// The form in which the service shows a policy of these shapes.
std::string shown_policy(std::string const& text);
std::size_t page_limit(Call const& call, std::size_t maximum);
// The hash headers of an upload, as far as they can be judged without the body.
void check_hash_fields(Call const& call);
void check_content(Call const& call);

}  // namespace firn::test::model
