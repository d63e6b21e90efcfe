#include "server/cli/table.hpp"

#include <algorithm>

namespace firn::cli {

std::string cell(Json const& value) {
    if (value.is_null()) return "-";
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_string()) return value.get<std::string>();
    return value.dump();
}

std::string cell(Json const& object, char const* key) {
    auto const found = object.find(key);
    return found == object.end() ? "-" : cell(*found);
}

std::string words_of(std::string key) {
    std::replace(key.begin(), key.end(), '_', ' ');
    return key;
}

std::string counted(Json const& number, std::string const& noun) {
    return cell(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string aligned(std::vector<std::vector<std::string>> const& rows) {
    std::vector<std::size_t> widths;
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (auto const& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += row[i];
            // No blanks at the end of a line.
            if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 2, ' ');
        }
        text += '\n';
    }
    return text;
}

std::string table(Json const& rows, std::vector<Column> const& columns, std::string const& nothing) {
    if (rows.empty()) return nothing + '\n';
    std::vector<std::vector<std::string>> lines(1);
    for (auto const& column : columns) lines.front().emplace_back(column.title);
    for (auto const& row : rows) {
        auto& line = lines.emplace_back();
        for (auto const& column : columns) line.push_back(cell(row, column.key));
    }
    return aligned(lines);
}

}  // namespace firn::cli
