// Searches and clears the request journal.
#include <fmt/format.h>

#include <boost/algorithm/string/case_conv.hpp>
#include <locale>

#include "server/control/known_names.hpp"
#include "server/control/routes.hpp"
#include "server/glacier/error_codes.hpp"
#include "server/glacier/limits.hpp"
#include "server/text/number.hpp"
#include "server/text/timestamp.hpp"
#include "server/text/wildcard.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

constexpr std::uint64_t limit_default = 100;

ordered_json text_or_null(std::string_view text) {
    return text.empty() ? ordered_json() : ordered_json(text);
}

// One member for each name, in lower case; several values of a name are joined, as HTTP allows.
ordered_json headers_of(JournalEntry const& entry) {
    std::map<std::string, std::string> headers;
    std::string_view rest = entry.headers;
    while (!rest.empty()) {
        auto const line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        auto const colon = line.find(": ");
        auto& value =
            headers[boost::to_lower_copy(std::string(line.substr(0, colon)), std::locale::classic())];
        if (!value.empty()) value += ", ";
        value += line.substr(colon + 2);
    }
    return headers;
}

ordered_json describe(JournalEntry const& entry) {
    return {{"number", entry.number},
            {"time", text::format_milliseconds(entry.time)},
            {"operation", text_or_null(entry.operation)},
            {"method", entry.method},
            {"path", entry.path},
            {"query", text_or_null(entry.query)},
            {"headers", headers_of(entry)},
            {"body", text_or_null(entry.body)},
            {"cut", entry.cut},
            {"account", entry.owner.account},
            {"region", entry.owner.region},
            {"vault", text_or_null(entry.vault)},
            {"status", entry.outcome.status},
            {"error", text_or_null(entry.error_code)},
            {"fault", text_or_null(entry.fault)},
            {"duration_ms", entry.outcome.duration.count()},
            {"received_bytes", entry.outcome.received_bytes},
            {"sent_bytes", entry.outcome.sent_bytes},
            {"complete", entry.outcome.complete},
            {"request_id", entry.request_id}};
}

// The codes of Glacier, and those that fault rules have invented.
void check_error(std::string_view pattern, Context const& context) {
    std::vector<std::string_view> known;
    for (auto const& each : glacier::error_codes) known.push_back(each.code);
    auto const invented = context.faults.invented_codes();
    known.insert(known.end(), invented.begin(), invented.end());
    for (auto const code : known) {
        if (text::matches_wildcard(pattern, code)) return;
    }
    throw Refusal{400, fmt::format("no error matches {}; {}", pattern, suggestion(pattern, known))};
}

void check_status(std::uint64_t status) {
    if (status == 0 || (status >= 100 && status <= 599)) return;
    throw Refusal{
        400,
        fmt::format("status must be from 100 to 599, or 0 for requests without an answer, not {}", status)};
}

void check_fault(std::string const& pattern, Context const& context) {
    // `*` asks whether any rule hit anything, which makes sense without rules too.
    if (pattern == "*" || context.faults.have_had(pattern)) return;
    throw Refusal{400,
                  fmt::format("no fault rule has had the id {}; `firn faults` lists the rules", pattern)};
}

void check_since(std::uint64_t since, Context const& context) {
    auto const last = context.journal.last_number();
    if (since <= last.value_or(0)) return;
    throw Refusal{
        400,
        fmt::format(
            "no request has the number {} yet; the last one has {}. Numbers begin with 0 when firn starts",
            since, last.value_or(0))};
}

// A name without wildcards must be that of a vault, or of a request in the journal.
void check_vault(RequestFilter const& filter, Context& context) {
    check_vault_pattern(*filter.vault);
    if (filter.vault->find_first_of("*?") != filter.vault->npos) return;
    RequestFilter const named{.vault = filter.vault, .account = filter.account, .region = filter.region};
    if (context.journal.find(named, 0).count > 0) return;
    storage::VaultFilter const vaults{{filter.account, filter.region}, filter.vault};
    if (!context.store.read()->list_vaults(vaults, 0, 1).empty()) return;
    std::string owner;
    if (filter.account) owner += " in account " + *filter.account;
    if (filter.region) owner += (owner.empty() ? " in region " : ", region ") + *filter.region;
    throw Refusal{404, fmt::format("there is no vault {}{}, and no request in the journal names it",
                                   *filter.vault, owner)};
}

// A value that nothing can have is refused: a test that expects no such request would always pass.
void check_values(RequestFilter const& filter, Context& context) {
    check_owner(filter.account, filter.region);
    if (filter.operation) check_operation_pattern(*filter.operation);
    if (filter.error) check_error(*filter.error, context);
    if (filter.status) check_status(*filter.status);
    if (filter.fault) check_fault(*filter.fault, context);
    if (filter.since) check_since(*filter.since, context);
    if (filter.vault) check_vault(filter, context);
    if (filter.request_id && filter.request_id->size() != glacier::request_id_length)
        throw Refusal{400, fmt::format("request_id must have {} characters, as in x-amzn-RequestId, not {}",
                                       glacier::request_id_length, *filter.request_id)};
}

RequestFilter filter_of(Request const& request) {
    // A filter that is empty by mistake, like a shell variable that is not set, would match everything.
    for (auto const& [name, value] : request.target.query) {
        if (value.empty()) throw Refusal{400, name + " is empty; leave it out"};
    }
    return {.operation = request.text("operation"),
            .vault = request.text("vault"),
            .account = request.text("account"),
            .region = request.text("region"),
            .status = request.number("status"),
            .error = request.text("error"),
            .fault = request.text("fault"),
            .request_id = request.text("request_id"),
            .since = request.number("since")};
}

}  // namespace

http::Response list_requests(Request const& request, Context& context) {
    auto const filter = filter_of(request);
    check_values(filter, context);
    auto const found = context.journal.find(filter, request.number("limit").value_or(limit_default));
    auto list = ordered_json::array();
    for (auto const& entry : found.requests) list.push_back(describe(entry));
    return json_reply(200, {{"count", found.count},
                            {"dropped", found.dropped},
                            {"last_dropped", or_null(found.last_dropped)},
                            {"requests", list}});
}

http::Response show_request(Request const& request, Context& context) {
    auto const& id = request.path.at("id");
    RequestFilter filter{.number = text::parse_number(id)};
    if (!filter.number) filter.request_id = id;
    auto const found = context.journal.find(filter, 1);
    if (!found.requests.empty()) return json_reply(200, describe(found.requests.front()));
    throw Refusal{404, fmt::format("the journal has no request {}; it has dropped {} for newer ones", id,
                                   found.dropped)};
}

http::Response clear_requests(Request const&, Context& context) {
    context.journal.clear();
    return empty_reply(204);
}

}  // namespace firn::control
