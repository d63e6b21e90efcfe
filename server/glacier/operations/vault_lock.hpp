// InitiateVaultLock, GetVaultLock, AbortVaultLock, CompleteVaultLock. A lock is InProgress for 24 hours, and
// ends if it is not completed in that time. A completed lock is Locked for ever. Policies are not enforced
// yet.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response initiate_vault_lock(Request const& request, storage::Transaction& transaction);
std::string get_vault_lock(Request const& request, storage::View const& view);
http::Response abort_vault_lock(Request const& request, storage::Transaction& transaction);
http::Response complete_vault_lock(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
