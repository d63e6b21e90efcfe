// ListProvisionedCapacity, PurchaseProvisionedCapacity. A unit lasts a calendar month.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

std::string list_provisioned_capacity(Request const& request, storage::View const& view);
http::Response purchase_provisioned_capacity(Request const& request, storage::Transaction& transaction);

// A calendar month after `start`, in whole seconds; the 31st becomes the last day of a shorter month.
storage::Time end_of_unit(storage::Time start);

}  // namespace firn::glacier
