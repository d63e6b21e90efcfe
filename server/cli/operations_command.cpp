#include "server/cli/operations_command.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "server/glacier/operation_table.hpp"

namespace firn::cli {
namespace {

char const* name_of(glacier::BodyKind body) {
    switch (body) {
        case glacier::BodyKind::json:
            return "json";
        case glacier::BodyKind::archive:
            return "archive";
        case glacier::BodyKind::none:
            break;
    }
    return "none";
}

std::string uri_of(glacier::Operation const& operation) {
    auto const separator = operation.query.empty() ? "" : "?";
    return fmt::format("/{}{}{}", operation.pattern, separator, operation.query);
}

}  // namespace

void print_operations(std::ostream& output, bool as_json) {
    auto list = nlohmann::ordered_json::array();
    for (auto const& operation : glacier::operations()) {
        if (as_json) {
            list.push_back({{"name", operation.name},
                            {"method", operation.method},
                            {"uri", uri_of(operation)},
                            {"status", operation.success_status},
                            {"body", name_of(operation.body)}});
        } else {
            output << fmt::format("{:<28} {:<6} {}\n", operation.name, operation.method, uri_of(operation));
        }
    }
    if (as_json) output << list.dump(2) << '\n';
}

}  // namespace firn::cli
