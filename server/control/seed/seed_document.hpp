// The pieces of a seed document that are read more than once, and the way to say where in it one is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/text/json_object.hpp"

namespace firn::control {

// Where in the document the work is. When something is thrown it stays there, for the message.
class SeedPlace {
public:
    using Work = std::function<void()>;
    using OnObject = std::function<void(text::JsonObject const&)>;

    // Works inside a member, if it is there.
    void in(text::JsonObject const& object, char const* member, Work const& work);
    // Works inside each element of an array of objects, if it is there.
    void each(text::JsonObject const& object, char const* member, OnObject const& work);

    // Throws Refusal for a member of another name, or when one that is needed is absent.
    void check_members(text::JsonObject const& object, std::vector<std::string> const& known);
    std::string require(text::JsonObject const& object, char const* member) const;

    std::vector<std::string> const& steps() const { return steps_; }

private:
    std::vector<std::string> steps_;
};

// An entry of `archives`: one archive, or many synthetic ones that differ in their number only. Exactly one
// of the last four is set.
struct SeedArchive {
    std::string name;
    std::string description;  // {n} stands for the number
    std::int64_t count = 1;
    std::optional<std::string> file;
    std::optional<std::string> text;
    std::optional<std::string> base64;
    std::optional<std::uint64_t> synthetic_bytes;
};

// Throws Refusal.
SeedArchive parse_seed_archive(SeedPlace& place, text::JsonObject const& object);

}  // namespace firn::control
