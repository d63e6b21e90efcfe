// The API: the one table of Glacier's 33 operations.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

// Ordinary functions. The first two run on the thread that serves the request, writes on the store's writer.
// JSON that depends on the request's owner and target and on the view alone.
using JsonRead = std::string (*)(Request const&, storage::View const&);
using Read = http::Response (*)(Request const&, storage::View const&);
using Write = http::Response (*)(Request const&, storage::Transaction&);
// Throws ServiceError for what the head alone shows to be wrong, before any of the body is read.
using HeadCheck = void (*)(Request const&, storage::View const&);

enum class BodyKind {
    none,     // whatever comes is dropped
    json,     // read whole
    archive,  // streamed into a staged blob
};

struct Operation {
    std::string_view name;
    std::string_view method;
    // Path segments; those in braces are parameters: {account}, {vault}, and one {id} of a resource of the
    // vault.
    std::string_view pattern;
    std::string_view query;  // a `name=value` that the query must hold, or empty
    unsigned success_status;
    BodyKind body;
    std::variant<JsonRead, Read, Write> function;
    HeadCheck check_head = nullptr;  // of operations that carry an archive
};

std::span<Operation const> operations();

// The operation for a method and a target; nothing when there is none.
Operation const* find_operation(std::string_view method, http::Target const& target);

// The segment of `target` that stands where `pattern` has `{parameter}`; empty when it has none.
std::string_view path_parameter(Operation const& operation, http::Target const& target,
                                std::string_view parameter);

}  // namespace firn::glacier
