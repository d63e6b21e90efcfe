#include "server/glacier/operations/vault_lock.hpp"

#include <fmt/format.h>

#include "server/glacier/limits.hpp"
#include "server/glacier/operations/policy_body.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_text.hpp"

namespace firn::glacier {
namespace {

// Unverified: the texts.
ServiceError already_locked(Request const& request) {
    return errors::access_denied(fmt::format("The vault is locked: {}", request.vault_arn()),
                                 "a completed lock cannot be changed or removed");
}

ServiceError in_progress(Request const& request) {
    return errors::access_denied(
        fmt::format("The vault lock is already in the InProgress state: {}", request.vault_arn()),
        "first complete or abort the lock that is in progress");
}

}  // namespace

http::Response initiate_vault_lock(Request const& request, storage::Transaction& transaction) {
    auto const policy = require_policy(request, errors::invalid_lock_policy);
    auto const vault = require_vault(request, transaction);
    if (auto const lock = transaction.vault_lock(vault.vault_pk)) {
        throw lock->is_locked() ? already_locked(request) : in_progress(request);
    }
    auto const id = request.rules.random.id("lock", transaction.next_number(), lock_id_length);
    transaction.set_vault_lock(vault.vault_pk,
                               {id, policy, request.now, request.now + request.rules.timing.lock_lifetime});
    auto response = success_response(request);
    response.fields.add("x-amz-lock-id", id);
    return response;
}

std::string get_vault_lock(Request const& request, storage::View const& view) {
    auto const lock = view.vault_lock(require_vault(request, view).vault_pk);
    if (!lock) throw errors::lock_policy_not_set(request.vault_arn());
    text::JsonText json;
    json.begin_object().member("CreationDate", lock->created_at);
    if (lock->due_at) json.member("ExpirationDate", *lock->due_at);
    json.member("Policy", lock->policy).member("State", lock->is_locked() ? "Locked" : "InProgress");
    json.end_object();
    return json.take();
}

http::Response abort_vault_lock(Request const& request, storage::Transaction& transaction) {
    auto const vault = require_vault(request, transaction);
    auto const lock = transaction.vault_lock(vault.vault_pk);
    if (lock && lock->is_locked()) throw already_locked(request);
    transaction.remove_vault_lock(vault.vault_pk);
    return success_response(request);
}

http::Response complete_vault_lock(Request const& request, storage::Transaction& transaction) {
    auto const vault = require_vault(request, transaction);
    auto lock = transaction.vault_lock(vault.vault_pk);
    // Unverified: that a vault without a lock answers "not found".
    if (!lock) throw errors::lock_policy_not_set(request.vault_arn());
    if (lock->lock_id != request.resource_id) {
        if (lock->is_locked()) throw already_locked(request);
        throw errors::invalid_parameter(fmt::format("Invalid lock ID: {}", request.resource_id),
                                        "send the lock id that InitiateVaultLock returned");
    }
    lock->due_at = std::nullopt;
    transaction.set_vault_lock(vault.vault_pk, *lock);
    return success_response(request);
}

}  // namespace firn::glacier
