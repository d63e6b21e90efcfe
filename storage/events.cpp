// What users will see happen by itself.
#include "storage/view.hpp"

namespace firn::storage {
namespace {

Event read_event(Query& query) {
    Event event;
    query.read(event.at, event.kind, event.owner.account, event.owner.region, event.vault_name, event.id);
    return event;
}

// One walk along an index for each table, since a walk over a union would read and sort all rows.
// ?1: the events after this time, ?2: how many, ?3: first_inventory_delay.
constexpr char events_sql[] = R"(
    SELECT at, kind, coalesce(event.account, vaults.account), coalesce(event.region, vaults.region),
        vaults.name, id
    FROM (
        SELECT * FROM (
            SELECT due_at AS at, iif(status = 0, 'job_completes', 'job_expires') AS kind, vault_pk,
                NULL AS account, NULL AS region, job_id AS id
            FROM jobs WHERE due_at > ?1 ORDER BY due_at, job_pk LIMIT ?2)
        UNION ALL SELECT * FROM (
            SELECT due_at, 'upload_dropped', vault_pk, NULL, NULL, upload_id
            FROM uploads WHERE state = 0 AND due_at > ?1 ORDER BY due_at LIMIT ?2)
        UNION ALL SELECT * FROM (
            SELECT due_at, 'lock_ends', vault_pk, NULL, NULL, NULL
            FROM vault_locks WHERE due_at > ?1 ORDER BY due_at LIMIT ?2)
        UNION ALL SELECT * FROM (
            SELECT due_at, 'capacity_ends', NULL, account, region, capacity_id
            FROM capacity_units WHERE due_at > ?1 ORDER BY due_at LIMIT ?2)
        UNION ALL SELECT * FROM (
            SELECT inventory_due_at, 'inventory', vault_pk, NULL, NULL, NULL
            FROM vaults WHERE inventory_due_at > ?1 ORDER BY inventory_due_at LIMIT ?2)
        UNION ALL SELECT * FROM (
            SELECT inventory_first_at + ?3, 'inventory_ready', vault_pk, NULL, NULL, NULL
            FROM vaults WHERE inventory_first_at > ?1 - ?3 ORDER BY inventory_first_at LIMIT ?2)
        -- The inventory that sees an empty vault lets it be deleted.
        UNION ALL SELECT * FROM (
            SELECT inventory_due_at, 'vault_deletable', vault_pk, NULL, NULL, NULL
            FROM vaults WHERE inventory_due_at > ?1 AND archive_count = 0
            ORDER BY inventory_due_at LIMIT ?2)
    ) AS event LEFT JOIN vaults USING (vault_pk)
    ORDER BY at LIMIT ?2)";

}  // namespace

std::vector<Event> View::list_events(Time after, std::size_t limit,
                                     std::optional<Duration> first_inventory_delay) const {
    return connection_.query(events_sql).bind(after, limit, first_inventory_delay).all(read_event);
}

}  // namespace firn::storage
