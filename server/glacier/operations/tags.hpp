// AddTagsToVault, RemoveTagsFromVault, ListTagsForVault.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response add_tags_to_vault(Request const& request, storage::Transaction& transaction);
http::Response remove_tags_from_vault(Request const& request, storage::Transaction& transaction);
std::string list_tags_for_vault(Request const& request, storage::View const& view);

}  // namespace firn::glacier
