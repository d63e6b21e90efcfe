// CreateVault, DescribeVault, ListVaults, DeleteVault.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response create_vault(Request const& request, storage::Transaction& transaction);
// Adds the vault of the request under this key. Throws ServiceError when the name is not valid, or when there
// are too many vaults.
void add_vault(Request const& request, storage::Transaction& transaction, std::int64_t vault_pk);
std::string describe_vault(Request const& request, storage::View const& view);
std::string list_vaults(Request const& request, storage::View const& view);
http::Response delete_vault(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
