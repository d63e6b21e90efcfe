// Parts of a seed document that are read more than once, and the place in the document for error messages.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/text/json_object.hpp"
#include "storage/records.hpp"

namespace firn::control {

// The place in the document that is being read. An exception leaves it unchanged, for the error message.
class SeedPlace {
public:
    using Work = std::function<void()>;
    using OnObject = std::function<void(text::JsonObject const&)>;

    // Calls `work` inside the member, if the object has it.
    void in(text::JsonObject const& object, char const* member, Work const& work);
    // Calls `work` for each element of a member that is an array of objects, if the object has it.
    void each(text::JsonObject const& object, char const* member, OnObject const& work);

    // Throws Refusal for a member that is not in `known`. `what` is the object in the message: "a vault".
    void check_members(text::JsonObject const& object, std::string_view what,
                       std::vector<std::string_view> const& known);
    // The value of a string member. Throws Refusal when the object has none.
    std::string require(text::JsonObject const& object, char const* member) const;

    // Names of members and indices of elements, from the outside in.
    std::vector<std::string> const& steps() const { return steps_; }

private:
    std::vector<std::string> steps_;
};

// `account` and `region` of an object. Throws Refusal when they are not valid.
storage::Owner parse_seed_owner(text::JsonObject const& object, storage::Owner const& default_owner);
// A date that is not after `now`; nothing when the object has none. Throws Refusal.
std::optional<storage::Time> parse_seed_date(text::JsonObject const& object, char const* member,
                                             storage::Time now);

// An entry of `archives`: one archive, or many synthetic ones that differ only in their number. Exactly one
// of the last four members is set.
struct SeedArchive {
    std::string name;
    std::string description;  // {n} stands for the number
    std::int64_t count = 1;
    std::optional<std::string> file;
    std::optional<std::string> text;
    std::optional<std::string> base64;
    std::optional<std::uint64_t> synthetic_bytes;
};

// Throws Refusal when members are unknown, missing or contradictory.
SeedArchive parse_seed_archive(SeedPlace& place, text::JsonObject const& object);

}  // namespace firn::control
