// What an operator sees: everything, whoever owns it.
#include "storage/transaction.hpp"

namespace firn::storage {

std::optional<Time> View::latest_time() const {
    // Uploads and deletions of archives are in written_at.
    auto query = connection_.query(
        "SELECT max(at) FROM (SELECT max(created_at) AS at FROM vaults UNION ALL SELECT max(written_at) FROM "
        "vaults"
        " UNION ALL SELECT max(inventory_at) FROM vaults UNION ALL SELECT max(created_at) FROM jobs"
        " UNION ALL SELECT max(completed_at) FROM jobs UNION ALL SELECT max(created_at) FROM uploads"
        " UNION ALL SELECT max(created_at) FROM vault_locks UNION ALL SELECT max(started_at) FROM "
        "capacity_units)");
    query.step();
    return query.optional_time(0);
}

std::optional<Time> View::last_pending() const {
    auto query = connection_.query(
        "SELECT max(at) FROM (SELECT max(due_at) AS at FROM jobs WHERE status = 0"
        " UNION ALL SELECT max(inventory_due_at) FROM vaults WHERE inventory_due_at IS NOT NULL)");
    query.step();
    return query.optional_time(0);
}

std::vector<std::int64_t> View::all_vaults() const {
    auto query = connection_.query("SELECT vault_pk FROM vaults ORDER BY account, region, name");
    std::vector<std::int64_t> vaults;
    while (query.step()) vaults.push_back(query.integer(0));
    return vaults;
}

}  // namespace firn::storage
