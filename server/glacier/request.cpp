#include "server/glacier/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/split.hpp>
#include <charconv>

#include "server/glacier/limits.hpp"
#include "server/identity/caller.hpp"

namespace firn::glacier {

std::string vault_arn(storage::Owner const& owner, std::string_view name) {
    std::string arn = "arn:";
    arn.reserve(128);
    arn.append(identity::partition_of(owner.region)).append(":glacier:").append(owner.region);
    return arn.append(":").append(owner.account).append(":vaults/").append(name);
}

std::string Request::vault_path() const {
    return fmt::format("/{}/vaults/{}", owner.account, vault_name);
}

bool is_vault_name(std::string_view name) {
    return !name.empty() && name.size() <= vault_name_length_max &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '-';
           });
}

storage::Vault require_vault(Request const& request, storage::View const& view) {
    // The service puts an impossible name itself where the ARN stands.
    if (!is_vault_name(request.vault_name)) throw errors::vault_not_found(request.vault_name);
    auto vault = view.find_vault(request.owner, request.vault_name);
    if (!vault) throw errors::vault_not_found(request.vault_arn());
    return *std::move(vault);
}

void check_description(std::string_view description, std::string_view parameter) {
    bool const printable =
        std::all_of(description.begin(), description.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
    if (printable && description.size() <= description_length_max) return;
    throw errors::invalid_parameter(
        fmt::format("Invalid {}: {}", parameter, description),
        "a description is at most 1024 printable ASCII characters (0x20 to 0x7E)");
}

std::size_t page_limit(http::Target const& target, std::size_t maximum) {
    auto const text = target.parameter("limit");
    if (!text) return maximum;
    std::size_t limit = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    bool const all_digits = text->find_first_not_of("0123456789") == text->npos;
    if (error == std::errc::result_out_of_range && all_digits) return maximum;
    if (error != std::errc() || end != text->data() + text->size() || limit == 0) {
        throw errors::invalid_parameter(
            fmt::format("Invalid limit: {}", *text),
            fmt::format("limit is an integer from 1; more than {} counts as {}", maximum, maximum));
    }
    return std::min(limit, maximum);
}

std::optional<std::int64_t> page_start(Request const& request, std::string_view listing,
                                       std::int64_t scope_pk) {
    auto const marker = request.target.parameter("marker");
    if (!marker) return std::nullopt;
    auto const place = request.rules.random.place_of(*marker, listing, scope_pk);
    if (!place) throw errors::invalid_marker(*marker);
    return place;
}

void check_sns_topic(std::string_view topic) {
    std::vector<std::string> parts;
    boost::split(parts, topic, [](char c) { return c == ':'; });
    bool const looks_right =
        parts.size() == 6 && parts[0] == "arn" && parts[2] == "sns" &&
        std::all_of(parts.begin(), parts.end(), [](auto const& part) { return !part.empty(); });
    if (looks_right) return;
    throw errors::invalid_parameter(fmt::format("Invalid SNS topic: {}", topic),
                                    "SNSTopic is the ARN of a topic: arn:aws:sns:REGION:ACCOUNT:NAME");
}

http::Response empty_response(Request const& request) {
    http::Response response;
    response.status = request.success_status;
    return response;
}

http::Response json_response(Request const& request, std::string body) {
    auto response = empty_response(request);
    response.fields.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

}  // namespace firn::glacier
