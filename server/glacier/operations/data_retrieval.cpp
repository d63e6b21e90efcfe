#include "server/glacier/operations/data_retrieval.hpp"

#include <fmt/format.h>

#include "server/glacier/reply.hpp"
#include "server/text/json_object.hpp"
#include "server/text/json_text.hpp"

namespace firn::glacier {
namespace {

storage::DataRetrievalPolicy parse_rule(text::JsonObject const& rule) {
    auto const strategy = rule.string("Strategy");
    auto const bytes_per_hour = rule.integer("BytesPerHour");
    if (!strategy) throw errors::missing_parameter("strategy", "Strategy is BytesPerHour, FreeTier or None");
    bool const limited = *strategy == "BytesPerHour";
    if (!limited && *strategy != "FreeTier" && *strategy != "None") {
        throw errors::invalid_parameter(fmt::format("Invalid strategy: {}", *strategy),
                                        "Strategy is BytesPerHour, FreeTier or None");
    }
    if (limited && !bytes_per_hour) {
        throw errors::missing_parameter("bytesPerHour", "the strategy BytesPerHour needs a number of bytes");
    }
    if (bytes_per_hour && (!limited || *bytes_per_hour < 1)) {
        throw errors::invalid_parameter(fmt::format("Invalid BytesPerHour: {}", *bytes_per_hour),
                                        "BytesPerHour is at least 1; only the strategy BytesPerHour has it");
    }
    return {*strategy, bytes_per_hour};
}

}  // namespace

std::string get_data_retrieval_policy(Request const& request, storage::View const& view) {
    auto const policy = view.data_retrieval_policy(request.owner)
                            .value_or(storage::DataRetrievalPolicy{"None", std::nullopt});
    text::JsonText json;
    json.begin_object().key("Policy").begin_object().key("Rules").begin_array();
    json.begin_object();
    json.member("BytesPerHour", policy.bytes_per_hour).member("Strategy", policy.strategy);
    json.end_object();
    json.end_array().end_object().end_object();
    return json.take();
}

http::Response set_data_retrieval_policy(Request const& request, storage::Transaction& transaction) {
    auto const policy = text::JsonObject::parse_body(request.body).object("Policy");
    if (!policy)
        throw errors::missing_parameter("policy", "send {\"Policy\": {\"Rules\": [{\"Strategy\": ...}]}}");
    auto const rules = policy->objects("Rules");
    if (!rules) throw errors::missing_parameter("rules", "a data retrieval policy has one rule");
    if (rules->size() != 1) {
        throw errors::invalid_parameter(fmt::format("Invalid number of rules: {}", rules->size()),
                                        "a data retrieval policy has exactly one rule");
    }
    transaction.set_data_retrieval_policy(request.owner, parse_rule(rules->front()));
    return success_response(request);
}

}  // namespace firn::glacier
