// Resource policies in the language of IAM, as access policies and vault locks are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace firn::policy {

// Source: developer guide, "Quotas".
inline constexpr std::size_t document_size_bytes_max = 20 << 10;

// Why `text` is no policy for the vault of that ARN, in words; nothing when it is one. What IAM itself would
// accept is checked by form only: effects, principals, actions, resources and conditions, not whether they
// mean anything.
std::optional<std::string> find_policy_fault(std::string_view text, std::string_view vault_arn);

}  // namespace firn::policy
