#include "server/glacier/operations/notifications.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/glacier/reply.hpp"
#include "server/text/json_object.hpp"
#include "server/text/json_text.hpp"

namespace firn::glacier {
namespace {

constexpr auto document = storage::VaultDocument::notification_configuration;

void check_event(std::string const& event) {
    if (event == "ArchiveRetrievalCompleted" || event == "InventoryRetrievalCompleted") return;
    throw errors::invalid_parameter(fmt::format("Invalid event: {}", event),
                                    "events are ArchiveRetrievalCompleted and InventoryRetrievalCompleted");
}

}  // namespace

http::Response set_vault_notifications(Request const& request, storage::Transaction& transaction) {
    auto const body = text::JsonObject::parse_body(request.body);
    auto const topic = body.string("SNSTopic");
    auto const events = body.strings("Events");
    if (!topic || topic->empty())
        throw errors::missing_parameter("snsTopic", "SNSTopic is the ARN of a topic");
    if (!events || events->empty())
        throw errors::missing_parameter("events", "Events lists at least one event");
    // Unverified: that topics of other Regions are refused here, as InitiateJob refuses them.
    check_sns_topic(*topic, request.owner.region);
    for (auto const& event : *events) check_event(event);
    auto const vault = require_vault(request, transaction);
    text::JsonText json;
    json.begin_object().key("Events").begin_array();
    for (auto event = events->begin(); event != events->end(); ++event) {
        if (std::find(events->begin(), event, *event) == event) json.value(*event);
    }
    json.end_array().member("SNSTopic", *topic).end_object();
    transaction.set_vault_document(vault.vault_pk, document, json.take());
    return success_response(request);
}

std::string get_vault_notifications(Request const& request, storage::View const& view) {
    auto const vault = require_vault(request, view);
    auto const configuration = view.vault_document(vault.vault_pk, document);
    if (!configuration) throw errors::notification_configuration_not_set(request.vault_arn());
    return *configuration;
}

http::Response delete_vault_notifications(Request const& request, storage::Transaction& transaction) {
    transaction.remove_vault_document(require_vault(request, transaction).vault_pk, document);
    return success_response(request);
}

}  // namespace firn::glacier
