// Resource policies in the language of IAM: access policies and the policies of vault locks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace firn::policy {

// Source: developer guide, "Quotas".
inline constexpr std::size_t document_size_bytes_max = 20 << 10;

// Why `text` is not a policy for the vault with that ARN, for people; nothing when it is one. Checks the form
// of effects, principals, actions, resources and conditions, but not whether the names in them exist.
std::optional<std::string> find_policy_fault(std::string_view text, std::string_view vault_arn);

}  // namespace firn::policy
