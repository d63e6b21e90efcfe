// What belongs to an account in a region: the data retrieval policy and provisioned capacity.
#include "storage/transaction.hpp"

namespace firn::storage {

std::optional<DataRetrievalPolicy> View::data_retrieval_policy(Owner const& owner) const {
    auto query = connection_.query(
        "SELECT strategy, bytes_per_hour FROM data_retrieval_policies WHERE account = ?1 AND region = ?2");
    query.bind(owner.account, owner.region);
    if (!query.step()) return std::nullopt;
    return DataRetrievalPolicy{query.text(0), query.optional_integer(1)};
}

std::vector<CapacityUnit> View::capacity_units(Owner const& owner) const {
    auto query = connection_.query(
        "SELECT unit_pk, capacity_id, started_at, due_at FROM capacity_units WHERE account = ?1 AND region = "
        "?2"
        " ORDER BY unit_pk");
    query.bind(owner.account, owner.region);
    std::vector<CapacityUnit> units;
    while (query.step()) units.push_back({query.integer(0), query.text(1), query.time(2), query.time(3)});
    return units;
}

void Transaction::set_data_retrieval_policy(Owner const& owner, DataRetrievalPolicy const& policy) {
    auto query = connection_.query("INSERT OR REPLACE INTO data_retrieval_policies VALUES (?1, ?2, ?3, ?4)");
    query.bind(owner.account, owner.region, policy.strategy, policy.bytes_per_hour).run();
}

void Transaction::add_capacity_unit(Owner const& owner, CapacityUnit const& unit) {
    auto query = connection_.query("INSERT INTO capacity_units VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    query.bind(unit.unit_pk, owner.account, owner.region, unit.capacity_id, unit.started_at, unit.due_at)
        .run();
    note_due(unit.due_at);
}

void Transaction::remove_capacity_unit(std::int64_t unit_pk) {
    connection_.query("DELETE FROM capacity_units WHERE unit_pk = ?1").bind(unit_pk).run();
}

}  // namespace firn::storage
