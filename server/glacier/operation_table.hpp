// The one table of Glacier's 33 operations. To add an operation, write its function in
// operations/<resource>.{hpp,cpp} and its row in operation_table.cpp. The rest of the server reads the table.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

// The three forms that the function of an operation has. All of them throw ServiceError and text::JsonError
// for requests that are wrong.

// Returns JSON that depends only on the request's owner, its target and the view, so that the answer can be
// used again until the store changes. Runs on the thread that serves the request.
using JsonRead = std::string (*)(Request const&, storage::View const&);
// Returns any other answer that changes nothing. Runs on the thread that serves the request.
using Read = http::Response (*)(Request const&, storage::View const&);
// Changes the store. Runs on the thread that writes to the store.
using Write = http::Response (*)(Request const&, storage::Transaction&);

// Checks the head of the request before any of its body is read. Throws ServiceError.
using HeadCheck = void (*)(Request const&, storage::View const&);

enum class BodyKind {
    none,     // ignored
    json,     // read whole into Request::body
    archive,  // streamed into Request::content
};

struct Operation {
    std::string_view name;
    std::string_view method;
    // The path, see http/path_pattern.hpp. Its parameters are {account}, {vault} and, for a resource in the
    // vault, {id}.
    std::string_view pattern;
    std::string_view query;  // a `name=value` that the query must have, or empty
    unsigned success_status;
    BodyKind body;
    std::variant<JsonRead, Read, Write> function;
    HeadCheck check_head = nullptr;  // set where `body` is an archive
};

std::span<Operation const> operations();

// The operation for a method and a target; null when there is none.
Operation const* find_operation(std::string_view method, http::Target const& target);

// The segment of `target` that stands where the pattern has `{parameter}`; empty when the pattern has no such
// parameter. `target` is one of that operation.
std::string_view path_parameter(Operation const& operation, http::Target const& target,
                                std::string_view parameter);

}  // namespace firn::glacier
