// The table of the service's error codes: what each of them usually means on the wire.
// Statuses: developer guide, "Error Responses"; for UnrecognizedClientException the guide says 400,
// recordings 403. Texts: as seen from the service, as far as they are known.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "server/glacier/error.hpp"

namespace firn::glacier {

struct ErrorCode {
    std::string_view code;
    unsigned status;
    ErrorLayout layout;
    std::string_view text;
};

// clang-format off
inline constexpr ErrorCode error_codes[] = {
    {"AccessDeniedException", 403, ErrorLayout::authorization, "Access denied."},
    {"BadRequest", 400, ErrorLayout::service, "The request could not be understood."},
    {"ExpiredTokenException", 403, ErrorLayout::authorization, "The security token included in the request is expired"},
    {"InsufficientCapacityException", 503, ErrorLayout::service,
     "There is insufficient capacity to process this expedited request."},
    {"InvalidParameterValueException", 400, ErrorLayout::service, "Invalid parameter value."},
    {"InvalidSignatureException", 403, ErrorLayout::authorization,
     "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
     "and signing method. Consult the service documentation for details."},
    {"LimitExceededException", 400, ErrorLayout::service, "The limit has been exceeded"},
    {"MissingAuthenticationTokenException", 400, ErrorLayout::authorization, "Missing Authentication Token"},
    {"MissingParameterValueException", 400, ErrorLayout::service, "Required parameter missing."},
    {"NoLongerSupportedException", 400, ErrorLayout::service,
     "This API is no longer supported for new accounts. Please use S3 Glacier storage classes instead. Please contact "
     "AWS Support if you believe this is an error."},
    {"PolicyEnforcedException", 400, ErrorLayout::service,
     "InitiateJob request denied by current data retrieval policy."},
    {"RequestTimeoutException", 408, ErrorLayout::service, "Request timed out."},
    {"ResourceNotFoundException", 404, ErrorLayout::service, "The resource was not found."},
    {"SerializationException", 400, ErrorLayout::serialization, "SerializationException"},
    {"ServiceUnavailableException", 500, ErrorLayout::service, "Service is unavailable."},
    {"ThrottlingException", 400, ErrorLayout::service, "Rate exceeded"},
    {"UnrecognizedClientException", 403, ErrorLayout::authorization,
     "The security token included in the request is invalid."},
};
// clang-format on

// Nothing for a code that the service does not have.
constexpr ErrorCode const* find_code(std::string_view code) {
    auto const* const found = std::ranges::find(error_codes, code, &ErrorCode::code);
    return found == std::end(error_codes) ? nullptr : found;
}

}  // namespace firn::glacier
