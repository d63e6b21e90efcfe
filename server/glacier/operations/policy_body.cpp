#include "server/glacier/operations/policy_body.hpp"

#include "server/policy/normal_form.hpp"
#include "server/policy/policy_document.hpp"
#include "server/text/json_object.hpp"

namespace firn::glacier {

std::string require_policy(Request const& request, ServiceError (*invalid)(std::string_view hint)) {
    auto policy = text::JsonObject::parse_body(request.body).string("Policy");
    if (!policy) throw errors::missing_parameter("policy", "send {\"Policy\": \"the policy as a string\"}");
    if (auto const fault = policy::find_policy_fault(*policy, request.vault_arn())) throw invalid(*fault);
    return policy::normal_form(*policy);
}

}  // namespace firn::glacier
