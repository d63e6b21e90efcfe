// What is due when, whatever it is.
#include "storage/view.hpp"

namespace firn::storage {
namespace {

Due read_due(Query& query) {
    Due due{};
    query.read(due.at, due.kind, due.pk);
    return due;
}

}  // namespace

std::vector<Due> View::list_due(Time now, std::size_t limit) const {
    // The numbers are those of Due::Kind.
    auto query = connection_.query(R"(
        SELECT due_at AS at, iif(status = 0, 0, 1) AS kind, job_pk AS pk FROM jobs WHERE due_at <= ?1
        UNION ALL SELECT inventory_due_at, 2, vault_pk FROM vaults WHERE inventory_due_at <= ?1
        UNION ALL SELECT due_at, 3, upload_pk FROM uploads WHERE due_at <= ?1
        UNION ALL SELECT due_at, 4, vault_pk FROM vault_locks WHERE due_at <= ?1
        UNION ALL SELECT due_at, 5, unit_pk FROM capacity_units WHERE due_at <= ?1
        ORDER BY at, pk LIMIT ?2)");
    return query.bind(now, limit).all(read_due);
}

std::optional<Time> View::next_due() const {
    auto query = connection_.query(R"(
        SELECT min(at) FROM (SELECT min(due_at) AS at FROM jobs
        UNION ALL SELECT min(inventory_due_at) FROM vaults WHERE inventory_due_at IS NOT NULL
        UNION ALL SELECT min(due_at) FROM uploads
        UNION ALL SELECT min(due_at) FROM vault_locks WHERE due_at IS NOT NULL
        UNION ALL SELECT min(due_at) FROM capacity_units))");
    return query.first<Time>();
}

}  // namespace firn::storage
