// Adds, lists, shows and removes fault rules.
#include "server/control/routes.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

ordered_json describe(FaultRules::RuleStatus const& rule) {
    return {{"id", rule.id}, {"rule", rule.source}, {"matched", rule.matched}, {"fired", rule.fired}};
}

http::Response reply_with(std::vector<FaultRules::RuleStatus> const& rules) {
    auto list = ordered_json::array();
    for (auto const& rule : rules) list.push_back(describe(rule));
    return json_reply(200, {{"faults", list}});
}

}  // namespace

http::Response list_faults(Request const&, Context& context) {
    return reply_with(context.faults.list());
}

http::Response show_fault(Request const& request, Context& context) {
    auto const& id = request.path.at("id");
    if (auto const found = context.faults.find(id)) return json_reply(200, describe(*found));
    throw Refusal{404, "there is no fault rule " + id};
}

http::Response add_fault(Request const& request, Context& context) {
    return json_reply(201, describe(context.faults.add(parse_fault_rule(request.body))));
}

http::Response clear_faults(Request const&, Context& context) {
    return reply_with(context.faults.clear());
}

http::Response remove_fault(Request const& request, Context& context) {
    auto const& id = request.path.at("id");
    if (auto const removed = context.faults.remove(id)) return json_reply(200, describe(*removed));
    throw Refusal{404, "there is no fault rule " + id};
}

}  // namespace firn::control
