// The replies of Glacier's API: those of operations that succeed, those that tell an error, and the fields
// that all of them have.
#pragma once

#include <exception>
#include <string>

#include "server/glacier/request.hpp"

namespace firn::glacier {

// These three have the status that the request's operation succeeds with.

// For an operation that answers in header fields alone: 201 and 202 carry the body {}, 204 none.
http::Response success_response(Request const& request);
http::Response json_response(Request const& request, std::string body);
// For an upload that made an archive: its id, its tree hash and its path.
http::Response archive_response(Request const& request, std::string const& archive_id,
                                storage::Digest const& tree_hash);

http::Response response_of(ServiceError const& error);

// What the client is told of anything that was thrown. What is neither a ServiceError nor a JsonError is a
// failure of firn itself; the log has the reason under the request id.
ServiceError error_of(std::exception_ptr thrown, std::string const& request_id);

// Adds the fields that every reply has.
void add_common_fields(http::Response& response, std::string const& request_id, storage::Time now);

}  // namespace firn::glacier
