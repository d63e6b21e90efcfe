// InitiateJob, DescribeJob, ListJobs.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response initiate_job(Request const& request, storage::Transaction& transaction);
std::string describe_job(Request const& request, storage::View const& view);
std::string list_jobs(Request const& request, storage::View const& view);

// The job of the request. Throws ServiceError when the vault has no such job.
storage::Job require_job(Request const& request, storage::View const& view, storage::Vault const& vault);

}  // namespace firn::glacier
