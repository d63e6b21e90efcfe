#include "server/glacier/operations/provisioned_capacity.hpp"

#include "server/glacier/limits.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_text.hpp"

namespace firn::glacier {

std::string list_provisioned_capacity(Request const& request, storage::View const& view) {
    text::JsonText json;
    json.begin_object().key("ProvisionedCapacityList").begin_array();
    for (auto const& unit : view.capacity_units(request.owner)) {
        json.begin_object();
        json.member("CapacityId", unit.capacity_id);
        json.member("ExpirationDate", unit.due_at).member("StartDate", unit.started_at);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

http::Response purchase_provisioned_capacity(Request const& request, storage::Transaction& transaction) {
    if (transaction.capacity_units(request.owner).size() >= capacity_units_max) {
        throw errors::limit_exceeded(
            "The provisioned capacity unit limit of 2 has been exceeded",
            "an account has at most two units at a time; a unit ends a month after its purchase");
    }
    storage::CapacityUnit unit;
    unit.unit_pk = transaction.next_number();
    unit.capacity_id = request.rules.random.id("capacity", unit.unit_pk, capacity_id_length);
    unit.started_at = request.now;
    unit.due_at = end_of_unit(request.now);
    transaction.add_capacity_unit(request.owner, unit);
    auto response = success_response(request);
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
