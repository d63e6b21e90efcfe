// GetDataRetrievalPolicy, SetDataRetrievalPolicy. The policy is not enforced yet.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

std::string get_data_retrieval_policy(Request const& request, storage::View const& view);
http::Response set_data_retrieval_policy(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
