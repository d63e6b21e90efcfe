// Amazon resource names: those of vaults, and of the SNS topics that clients name.
#pragma once

#include <string>
#include <string_view>

#include "storage/records.hpp"

namespace firn::glacier {

// The ARN that the vault has, whether or not it exists.
std::string vault_arn(storage::Owner const& owner, std::string_view name);

// Throws ServiceError unless `topic` has the form of the ARN of an SNS topic, and is in `region`.
void check_sns_topic(std::string_view topic, std::string_view region);

}  // namespace firn::glacier
