#include "server/glacier/operations/access_policy.hpp"

#include "server/glacier/operations/policy_body.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_text.hpp"

namespace firn::glacier {
namespace {

constexpr auto document = storage::VaultDocument::access_policy;

}  // namespace

http::Response set_vault_access_policy(Request const& request, storage::Transaction& transaction) {
    auto const policy = require_policy(request, errors::invalid_access_policy);
    transaction.set_vault_document(require_vault(request, transaction).vault_pk, document, policy);
    return success_response(request);
}

std::string get_vault_access_policy(Request const& request, storage::View const& view) {
    auto const policy = view.vault_document(require_vault(request, view).vault_pk, document);
    if (!policy) throw errors::access_policy_not_set(request.vault_name);
    text::JsonText json;
    json.begin_object().member("Policy", *policy).end_object();
    return json.take();
}

http::Response delete_vault_access_policy(Request const& request, storage::Transaction& transaction) {
    transaction.remove_vault_document(require_vault(request, transaction).vault_pk, document);
    return success_response(request);
}

}  // namespace firn::glacier
