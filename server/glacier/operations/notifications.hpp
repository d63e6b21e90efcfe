// SetVaultNotifications, GetVaultNotifications, DeleteVaultNotifications. Nothing is sent yet.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response set_vault_notifications(Request const& request, storage::Transaction& transaction);
std::string get_vault_notifications(Request const& request, storage::View const& view);
http::Response delete_vault_notifications(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
