// SetVaultAccessPolicy, GetVaultAccessPolicy, DeleteVaultAccessPolicy. Policies are not enforced yet.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response set_vault_access_policy(Request const& request, storage::Transaction& transaction);
std::string get_vault_access_policy(Request const& request, storage::View const& view);
http::Response delete_vault_access_policy(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
