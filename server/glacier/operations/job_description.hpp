// A job as DescribeJob, ListJobs and notifications show it.
#pragma once

#include <string_view>

#include "server/glacier/random.hpp"
#include "server/text/json_text.hpp"
#include "storage/records.hpp"

namespace firn::glacier {

// The listing of the markers that InitiateJob takes and DescribeJob returns.
inline constexpr std::string_view inventory_listing = "inventory";

char const* name_of(storage::JobStatus status);

// The keys of the API of 2012 are always there, null when they have no value; later keys only where they
// apply.
void describe(text::JsonText& json, storage::Job const& job, std::string_view vault_arn,
              Random const& random);

}  // namespace firn::glacier
