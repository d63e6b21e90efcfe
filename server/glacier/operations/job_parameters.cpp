#include "server/glacier/operations/job_parameters.hpp"

#include <fmt/format.h>

#include "server/glacier/request.hpp"
#include "server/text/json_object.hpp"
#include "server/text/number.hpp"
#include "server/text/timestamp.hpp"

namespace firn::glacier {
namespace {

// For members whose empty string says nothing. Everywhere else it is a value like any other, and wrong.
std::optional<std::string> non_empty(std::optional<std::string> value) {
    return value && !value->empty() ? std::move(value) : std::nullopt;
}

void require_absent(text::JsonObject const& body, char const* member, std::string_view type) {
    if (!body.has(member)) return;
    throw errors::invalid_parameter(fmt::format("Invalid {}: not allowed for {} jobs", member, type),
                                    fmt::format("leave {} out for this type of job", member));
}

// Returns `fallback` when the member is absent. Throws ServiceError when its value is not among `allowed`.
std::string one_of(text::JsonObject const& body, char const* member, std::string fallback,
                   std::initializer_list<std::string_view> allowed) {
    auto value = body.string(member);
    if (!value) return fallback;
    for (auto const choice : allowed) {
        if (*value == choice) return *std::move(value);
    }
    throw errors::invalid_parameter(fmt::format("Invalid {}: {}", member, *value),
                                    fmt::format("{} is one of {}", member, fmt::join(allowed, ", ")));
}

std::optional<storage::Time> date(text::JsonObject const& parameters, char const* member) {
    auto const text = parameters.string(member);
    if (!text) return std::nullopt;
    auto const time = text::parse_timestamp(*text);
    if (time) return time;
    throw errors::invalid_parameter(fmt::format("Invalid {}: {}", member, *text),
                                    "dates are ISO 8601 in UTC, like 2013-03-20T17:03:43Z");
}

std::optional<std::int64_t> entry_limit(text::JsonObject const& parameters) {
    auto const text = parameters.string_or_number("Limit");
    if (!text) return std::nullopt;
    auto const limit = text::parse_number<std::int64_t>(*text);
    if (limit && *limit >= 1) return limit;
    throw errors::invalid_parameter(fmt::format("Invalid limit: {}", *text),
                                    "Limit is an integer from 1, as a string");
}

void parse_archive_retrieval(text::JsonObject const& body, JobParameters& parameters) {
    auto const archive_id = non_empty(body.string("ArchiveId"));
    if (!archive_id) throw errors::missing_parameter("archiveId", "an archive retrieval needs an ArchiveId");
    parameters.archive_id = *archive_id;
    parameters.tier = one_of(body, "Tier", "Standard", {"Expedited", "Standard", "Bulk"});
    parameters.retrieval_byte_range = body.string("RetrievalByteRange");
}

void parse_inventory_retrieval(text::JsonObject const& body, JobParameters& parameters) {
    parameters.action = storage::JobAction::inventory_retrieval;
    require_absent(body, "ArchiveId", "inventory-retrieval");
    require_absent(body, "RetrievalByteRange", "inventory-retrieval");
    parameters.format = one_of(body, "Format", "JSON", {"JSON", "CSV"});
    if (auto const filter = body.object("InventoryRetrievalParameters")) {
        parameters.filter.start_at = date(*filter, "StartDate");
        parameters.filter.end_at = date(*filter, "EndDate");
        parameters.filter.entry_limit = entry_limit(*filter);
        parameters.marker = non_empty(filter->string("Marker"));
    }
}

ServiceError type_missing(text::JsonObject const& body) {
    // The developer guide's syntax block shows this wrapper; the service does not take it.
    bool const wrapped = body.has("jobParameters");
    return errors::missing_parameter(
        "type", wrapped ? "send the members of jobParameters as the body itself, without the wrapper"
                        : "Type is archive-retrieval or inventory-retrieval");
}

}  // namespace

JobParameters parse_job_parameters(std::string_view text, std::string_view region) {
    if (text.empty())
        throw errors::missing_parameter("Job Parameters", "send a JSON object with at least a Type");
    auto const body = text::JsonObject::parse(text);
    auto const type = body.string("Type");
    if (!type) throw type_missing(body);
    JobParameters parameters;
    if (*type == "archive-retrieval") {
        parse_archive_retrieval(body, parameters);
    } else if (*type == "inventory-retrieval") {
        parse_inventory_retrieval(body, parameters);
    } else {
        throw errors::invalid_parameter(fmt::format("Invalid type: {}", *type),
                                        "Type is archive-retrieval or inventory-retrieval");
    }
    parameters.description = non_empty(body.string("Description"));
    check_description(parameters.description.value_or(""), "description");
    parameters.sns_topic = body.string("SNSTopic");
    if (parameters.sns_topic) check_sns_topic(*parameters.sns_topic, region);
    return parameters;
}

}  // namespace firn::glacier
