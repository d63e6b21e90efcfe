// The form in which the service stores and shows policies.
#pragma once

#include <string>
#include <string_view>

namespace firn::policy {

// The policy without white space, the members of the policy and of its statements in the service's order, and
// one action instead of a list of one. All else stays as it was sent, to the byte. `policy` is one in which
// find_policy_fault() finds nothing.
// Source: answers of GetVaultAccessPolicy recorded in 2017, for policies whose input is known. Unverified:
// NotPrincipal, NotAction and NotResource, a single statement that is no list, members that IAM does not
// have, escapes in strings.
std::string normal_form(std::string_view policy);

}  // namespace firn::policy
