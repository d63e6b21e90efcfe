// Fault rules: added, listed, removed.
#include "server/control/routes.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

ordered_json describe(FaultRules::Standing const& rule) {
    return {{"id", rule.id}, {"rule", rule.source}, {"matched", rule.matched}, {"fired", rule.fired}};
}

http::Response reply_with(std::vector<FaultRules::Standing> const& rules) {
    auto list = ordered_json::array();
    for (auto const& rule : rules) list.push_back(describe(rule));
    return json_reply(200, {{"faults", list}});
}

}  // namespace

http::Response list_faults(Call const&, House& house) {
    return reply_with(house.faults.list());
}

http::Response add_fault(Call const& call, House& house) {
    return json_reply(201, describe(house.faults.add(parse_fault_rule(call.body))));
}

http::Response clear_faults(Call const&, House& house) {
    return reply_with(house.faults.clear());
}

http::Response remove_fault(Call const& call, House& house) {
    auto const& id = call.path.at("id");
    if (auto const removed = house.faults.remove(id)) return json_reply(200, describe(*removed));
    throw Refusal{404, "there is no fault rule " + id};
}

}  // namespace firn::control
