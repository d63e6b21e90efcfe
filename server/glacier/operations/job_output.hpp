// GetJobOutput: what a finished job retrieved, whole or in ranges, streamed from the store.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/view.hpp"

namespace firn::glacier {

http::Response get_job_output(Request const& request, storage::View const& view);

}  // namespace firn::glacier
