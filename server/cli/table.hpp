// Formats answers for people: aligned columns, values as words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace firn::cli {

// Keeps the order of the members.
using Json = nlohmann::ordered_json;

// The text of one table cell: `-` for null and for an absent member.
std::string cell(Json const& value);
std::string cell(Json const& object, char const* key);

// The words of a key: `status message` for status_message.
std::string words_of(std::string key);

// A number with its noun: `12 archives`, `1 archive`.
std::string counted(Json const& number, std::string const& noun);

// One line for each row, with aligned columns.
std::string aligned(std::vector<std::vector<std::string>> const& rows);

struct Column {
    char const* title;
    char const* key;  // of each row
};

// A table of JSON objects, one row each. Without rows the text is the line `nothing`.
std::string table(Json const& rows, std::vector<Column> const& columns, std::string const& nothing);

}  // namespace firn::cli
