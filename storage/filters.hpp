// Which records a listing over all owners includes: those that match every value that is set.
#pragma once

#include <optional>
#include <string>

#include "storage/records.hpp"

namespace firn::storage {

struct OwnerFilter {
    std::optional<std::string> account;
    std::optional<std::string> region;
};

struct VaultFilter {
    OwnerFilter owner;
    std::optional<std::string> name;
};

struct JobFilter {
    std::optional<JobStatus> status;
    VaultFilter vault;
};

// SQL: the keys of the vaults that match a VaultFilter, whose account, region and name are ?1, ?2 and ?3.
// Long listings say `+vault_pk IN`: the walk then follows their own key. Along an index of vaults, SQLite
// would collect and sort all rows for each page.
inline constexpr char filtered_vaults[] = R"(
    (SELECT vault_pk FROM vaults
    WHERE account = coalesce(?1, account) AND region = coalesce(?2, region) AND name = coalesce(?3, name)))";

}  // namespace firn::storage
