#include "server/identity/caller.hpp"

#include <algorithm>
#include <array>

namespace firn::identity {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view credential_label = "Credential=";

}  // namespace

std::optional<CredentialScope> parse_credential_scope(std::string_view text) {
    // From the right, because an access key may have slashes.
    std::array<std::string_view, 4> parts;  // terminator, service, region, date
    for (auto& part : parts) {
        auto const slash = text.rfind('/');
        if (slash == text.npos) return std::nullopt;
        part = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    auto const& [terminator, service, region, date] = parts;
    if (text.empty() || !is_region(region)) return std::nullopt;
    return CredentialScope{std::string(text), std::string(region), std::string(service),
                           std::string(terminator)};
}

std::optional<CredentialScope> parse_authorization(std::string_view header) {
    if (!header.starts_with(algorithm)) return std::nullopt;
    auto const begin = header.find(credential_label, algorithm.size());
    if (begin == header.npos) return std::nullopt;
    auto const rest = header.substr(begin + credential_label.size());
    return parse_credential_scope(rest.substr(0, rest.find_first_of(", ")));
}

std::optional<std::string> find_scope_fault(CredentialScope const& scope) {
    std::string fault;
    if (scope.service != "glacier") fault += "Credential should be scoped to correct service: 'glacier'. ";
    if (scope.terminator != "aws4_request") {
        fault += "Credential should be scoped with a valid terminator: 'aws4_request', not '" +
                 scope.terminator + "'. ";
    }
    return fault.empty() ? std::nullopt : std::optional(fault);
}

Caller caller_of(CredentialScope const& scope, Caller const& defaults) {
    return {is_account_id(scope.access_key) ? scope.access_key : defaults.account, scope.region};
}

bool is_account_id(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string_view partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    return "aws";
}

}  // namespace firn::identity
