// What belongs to an account in a region: the data retrieval policy and provisioned capacity.
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

DataRetrievalPolicy read_policy(Query& query) {
    DataRetrievalPolicy policy;
    query.read(policy.strategy, policy.bytes_per_hour);
    return policy;
}

CapacityUnit read_unit(Query& query) {
    CapacityUnit unit;
    query.read(unit.unit_pk, unit.capacity_id, unit.started_at, unit.due_at);
    return unit;
}

OwnedCapacityUnit read_owned_unit(Query& query) {
    OwnedCapacityUnit unit;
    query.read(unit.owner.account, unit.owner.region);
    static_cast<CapacityUnit&>(unit) = read_unit(query);
    return unit;
}

}  // namespace

std::optional<DataRetrievalPolicy> View::data_retrieval_policy(Owner const& owner) const {
    auto query = connection_.query(R"(
        SELECT strategy, bytes_per_hour FROM data_retrieval_policies
        WHERE account = ?1 AND region = ?2)");
    return query.bind(owner.account, owner.region).first(read_policy);
}

std::vector<CapacityUnit> View::capacity_units(Owner const& owner) const {
    auto query = connection_.query(R"(
        SELECT unit_pk, capacity_id, started_at, due_at FROM capacity_units
        WHERE account = ?1 AND region = ?2
        ORDER BY unit_pk)");
    return query.bind(owner.account, owner.region).all(read_unit);
}

std::optional<OwnedCapacityUnit> View::find_capacity_unit(std::string_view capacity_id) const {
    auto query = connection_.query(R"(
        SELECT account, region, unit_pk, capacity_id, started_at, due_at FROM capacity_units
        WHERE capacity_id = ?1)");
    return query.bind(capacity_id).first(read_owned_unit);
}

std::vector<OwnedCapacityUnit> View::list_capacity_units(OwnerFilter const& filter, std::int64_t from_pk,
                                                         std::size_t limit) const {
    auto query = connection_.query(R"(
        SELECT account, region, unit_pk, capacity_id, started_at, due_at FROM capacity_units
        WHERE account = coalesce(?1, account) AND region = coalesce(?2, region) AND unit_pk >= ?3
        ORDER BY unit_pk LIMIT ?4)");
    return query.bind(filter.account, filter.region, from_pk, limit).all(read_owned_unit);
}

void Transaction::delete_account(std::string_view account, std::optional<std::string> const& region) {
    auto query =
        connection_.query("SELECT vault_pk FROM vaults WHERE account = ?1 AND region = coalesce(?2, region)");
    auto const vaults = query.bind(account, region).all<std::int64_t>();
    for (auto const vault_pk : vaults) delete_vault(vault_pk);
    for (auto const sql :
         {"DELETE FROM data_retrieval_policies WHERE account = ?1 AND region = coalesce(?2, region)",
          "DELETE FROM capacity_units WHERE account = ?1 AND region = coalesce(?2, region)"}) {
        connection_.query(sql).bind(account, region).run();
    }
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
