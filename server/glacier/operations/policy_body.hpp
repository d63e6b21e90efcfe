// The body that SetVaultAccessPolicy and InitiateVaultLock share: {"Policy": "the policy as a string"}.
#pragma once

#include <string>
#include <string_view>

#include "server/glacier/request.hpp"

namespace firn::glacier {

// The policy in the request's body, valid for the request's vault and in the form that is stored. Throws
// ServiceError when there is none, and what `invalid` makes of the hint when it is not valid.
std::string require_policy(Request const& request, ServiceError (*invalid)(std::string_view hint));

}  // namespace firn::glacier
