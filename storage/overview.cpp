// What an operator sees: the records of all owners.
#include "storage/transaction.hpp"

namespace firn::storage {

std::optional<Time> View::latest_time() const {
    // written_at covers the uploads and deletions of archives.
    auto query = connection_.query(R"(
        SELECT max(at) FROM (
            SELECT max(created_at) AS at FROM vaults
            UNION ALL SELECT max(written_at) FROM vaults
            UNION ALL SELECT max(inventory_at) FROM vaults
            UNION ALL SELECT max(created_at) FROM jobs
            UNION ALL SELECT max(completed_at) FROM jobs
            UNION ALL SELECT max(created_at) FROM uploads
            UNION ALL SELECT max(created_at) FROM vault_locks
            UNION ALL SELECT max(started_at) FROM capacity_units))");
    return query.first<Time>();
}

std::optional<Time> View::last_pending() const {
    auto query = connection_.query(R"(
        SELECT max(at) FROM (
            SELECT max(due_at) AS at FROM jobs WHERE status = 0
            UNION ALL SELECT max(inventory_due_at) FROM vaults WHERE inventory_due_at IS NOT NULL))");
    return query.first<Time>();
}

std::vector<std::int64_t> View::all_vaults() const {
    return connection_.query("SELECT vault_pk FROM vaults ORDER BY account, region, name")
        .all<std::int64_t>();
}

}  // namespace firn::storage
