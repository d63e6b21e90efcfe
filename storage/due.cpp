// What is due when, whatever it is.
#include "storage/view.hpp"

namespace firn::storage {

std::vector<Due> View::list_due(Time now, std::size_t limit) const {
    // The second column is Due::Kind.
    auto query = connection_.query(
        "SELECT due_at AS at, iif(status = 0, 0, 1) AS kind, job_pk AS pk FROM jobs WHERE due_at <= ?1"
        " UNION ALL SELECT inventory_due_at, 2, vault_pk FROM vaults WHERE inventory_due_at <= ?1"
        " UNION ALL SELECT due_at, 3, upload_pk FROM uploads WHERE due_at <= ?1"
        " UNION ALL SELECT due_at, 4, vault_pk FROM vault_locks WHERE due_at <= ?1"
        " UNION ALL SELECT due_at, 5, unit_pk FROM capacity_units WHERE due_at <= ?1"
        " ORDER BY at, pk LIMIT ?2");
    query.bind(now, limit);
    std::vector<Due> due;
    while (query.step())
        due.push_back({static_cast<Due::Kind>(query.integer(1)), query.time(0), query.integer(2)});
    return due;
}

std::optional<Time> View::next_due() const {
    auto query = connection_.query(
        "SELECT min(at) FROM (SELECT min(due_at) AS at FROM jobs"
        " UNION ALL SELECT min(inventory_due_at) FROM vaults WHERE inventory_due_at IS NOT NULL"
        " UNION ALL SELECT min(due_at) FROM uploads"
        " UNION ALL SELECT min(due_at) FROM vault_locks WHERE due_at IS NOT NULL"
        " UNION ALL SELECT min(due_at) FROM capacity_units)");
    query.step();
    return query.optional_time(0);
}

}  // namespace firn::storage
