#include "server/glacier/provisioned_capacity.hpp"

#include <nlohmann/json.hpp>

#include "server/glacier/limits.hpp"
#include "server/glacier/timestamp.hpp"

namespace firn::glacier {

http::Response list_provisioned_capacity(Request const& request, storage::Snapshot const& snapshot) {
    auto list = nlohmann::json::array();
    for (auto const& unit : snapshot.capacity_units(request.owner)) {
        list.push_back({{"CapacityId", unit.capacity_id},
                        {"ExpirationDate", format_milliseconds(unit.due_at)},
                        {"StartDate", format_milliseconds(unit.started_at)}});
    }
    return json_response(request, nlohmann::json{{"ProvisionedCapacityList", list}}.dump());
}

http::Response purchase_provisioned_capacity(Request const& request, storage::Transaction& transaction) {
    if (transaction.capacity_units(request.owner).size() >= capacity_units_max) {
        throw errors::limit_exceeded(
            "The provisioned capacity unit limit of 2 has been exceeded",
            "an account has at most two units at a time; each ends a month after its purchase");
    }
    storage::CapacityUnit unit;
    unit.unit_pk = transaction.next_number();
    unit.capacity_id = request.rules.random.id("capacity", unit.unit_pk, capacity_id_length);
    unit.started_at = request.now;
    unit.due_at = end_of_unit(request.now);
    transaction.add_capacity_unit(request.owner, unit);
    auto response = empty_response(request);
    response.fields.add("x-amz-capacity-id", unit.capacity_id);
    return response;
}

storage::Time end_of_unit(storage::Time start) {
    namespace chrono = std::chrono;
    auto const day = chrono::floor<chrono::days>(start);
    auto date = chrono::year_month_day(day) + chrono::months(1);
    if (!date.ok()) date = date.year() / date.month() / chrono::last;
    return chrono::floor<chrono::seconds>(chrono::sys_days(date) + (start - day));
}

}  // namespace firn::glacier
