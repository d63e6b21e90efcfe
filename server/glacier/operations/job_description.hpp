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

// Source of the members and their order: answers of DescribeJob and ListJobs recorded in 2020. Each job has
// all 21, null when they have no value. Unverified: the Tier of an inventory job, and SHA256TreeHash of a
// range while its job runs.
void describe(text::JsonText& json, storage::Job const& job, std::string_view vault_arn,
              Random const& random);

}  // namespace firn::glacier
