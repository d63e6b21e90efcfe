// Shows the provisioned capacity units of all accounts; ends one before it is due.
#include "server/control/endpoints/expiry.hpp"
#include "server/control/endpoints/listing.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

nlohmann::ordered_json describe(storage::OwnedCapacityUnit const& unit) {
    return {{"account", unit.owner.account},
            {"region", unit.owner.region},
            {"capacity_id", unit.capacity_id},
            {"started_at", text::format_milliseconds(unit.started_at)},
            {"expires_at", text::format_milliseconds(unit.due_at)}};
}

}  // namespace

http::Response list_capacity(Request const& request, Context& context) {
    auto const page = requested_page(request, context, "capacity");
    auto const reading = context.store.read();
    auto units =
        reading->list_capacity_units(requested_owners(request), page.from_pk.value_or(0), page.limit + 1);
    return page_reply(context, page, std::move(units), &storage::OwnedCapacityUnit::unit_pk, describe);
}

http::Response expire_capacity(Request const& request, Context& context) {
    auto const& capacity_id = request.path.at("capacity_id");
    context.time_control.write([&](storage::Transaction& transaction, storage::Time) {
        auto const unit = transaction.find_capacity_unit(capacity_id);
        if (!unit) throw Refusal{404, "there is no capacity unit " + capacity_id};
        expire(transaction, {storage::Due::Kind::capacity_ends, unit->due_at, unit->unit_pk});
    });
    return empty_reply(204);
}

}  // namespace firn::control
