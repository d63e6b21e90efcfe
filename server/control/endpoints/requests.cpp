// Searches and clears the request journal.
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

constexpr std::uint64_t limit_default = 100;

ordered_json text_or_null(std::string_view text) {
    return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json describe(glacier::RequestRecord const& record) {
    return {{"number", record.number},
            {"time", text::format_milliseconds(record.time)},
            {"operation", text_or_null(record.operation)},
            {"method", record.method},
            {"path", record.path},
            {"account", record.owner.account},
            {"region", record.owner.region},
            {"vault", text_or_null(record.vault)},
            {"status", record.outcome.status},
            {"error", text_or_null(record.error_code)},
            {"fault", text_or_null(record.fault)},
            {"duration_ms", record.outcome.duration.count()},
            {"received_bytes", record.outcome.received_bytes},
            {"sent_bytes", record.outcome.sent_bytes},
            {"complete", record.outcome.complete},
            {"request_id", record.request_id}};
}

}  // namespace

http::Response list_requests(Request const& request, Context& context) {
    RequestFilter const filter{
        request.text("operation"), request.text("vault"),      request.text("account"),
        request.text("region"),    request.number("status"),   request.text("error"),
        request.text("fault"),     request.text("request_id"), request.number("since")};
    auto const found = context.journal.find(filter, request.number("limit").value_or(limit_default));
    auto list = ordered_json::array();
    for (auto const& record : found.requests) list.push_back(describe(record));
    return json_reply(200, {{"count", found.count}, {"requests", list}});
}

http::Response clear_requests(Request const&, Context& context) {
    context.journal.clear();
    return empty_reply(204);
}

}  // namespace firn::control
