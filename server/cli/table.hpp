// Answers for people: columns that line up, values as words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace firn::cli {

// Keeps the order of the server.
using Json = nlohmann::ordered_json;

// What stands in one place of a table: null, and what is not there at all, is `-`.
std::string cell(Json const& value);
std::string cell(Json const& object, char const* key);

// `status message` for status_message.
std::string words_of(std::string key);

// `12 archives`, `1 archive`.
std::string counted(Json const& number, std::string const& noun);

// Each row on its line, columns as wide as they must be.
std::string aligned(std::vector<std::vector<std::string>> const& rows);

struct Column {
    char const* title;
    char const* key;  // of each row
};

// Rows are JSON objects. Without any of them the text is `nothing`, a line.
std::string table(Json const& rows, std::vector<Column> const& columns, std::string const& nothing);

}  // namespace firn::cli
