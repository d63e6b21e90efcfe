#include "server/glacier/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace firn::glacier {
namespace {

constexpr auto invalid_value = "InvalidParameterValueException";
constexpr auto missing_value = "MissingParameterValueException";
constexpr auto not_found = "ResourceNotFoundException";

}  // namespace

std::optional<ServiceError> error_of_code(std::string_view code) {
    using enum ErrorLayout;
    constexpr auto hint = "a fault rule of firn wants this error";
    // Statuses: developer guide, "Error Responses". Texts: as seen from the service, as far as they are
    // known.
    static std::array const known = {
        ServiceError{403, "AccessDeniedException", "Access denied.", hint, authorization},
        ServiceError{400, "BadRequest", "The request could not be understood.", hint},
        ServiceError{403, "ExpiredTokenException", "The security token included in the request is expired",
                     hint, authorization},
        ServiceError{503, "InsufficientCapacityException",
                     "There is insufficient capacity to process this expedited request.", hint},
        ServiceError{400, invalid_value, "Invalid parameter value.", hint},
        ServiceError{
            403, "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details.",
            hint, authorization},
        ServiceError{400, "LimitExceededException", "The limit has been exceeded", hint},
        ServiceError{400, "MissingAuthenticationTokenException", "Missing Authentication Token", hint,
                     authorization},
        ServiceError{400, missing_value, "Required parameter missing.", hint},
        ServiceError{
            400, "NoLongerSupportedException",
            "This API is no longer supported for new accounts. Please use Amazon S3 Glacier storage classes "
            "instead.",
            hint},
        ServiceError{400, "PolicyEnforcedException",
                     "InitiateJob request denied by current data retrieval policy.", hint},
        ServiceError{408, "RequestTimeoutException", "Request timed out.", hint},
        ServiceError{404, not_found, "The resource was not found.", hint},
        ServiceError{400, "SerializationException", "SerializationException", hint, serialization},
        ServiceError{500, "ServiceUnavailableException", "Service is unavailable.", hint},
        ServiceError{400, "ThrottlingException", "Rate exceeded", hint},
        ServiceError{400, "UnrecognizedClientException",
                     "The security token included in the request is invalid.", hint, authorization},
    };
    auto const found =
        std::find_if(known.begin(), known.end(), [&](auto const& error) { return error.code == code; });
    return found == known.end() ? std::nullopt : std::optional(*found);
}

std::string body_of(ServiceError const& error) {
    auto const usual_type = error.status < 500 ? "Client" : "Server";
    auto const type = error.type.empty() ? usual_type : error.type;
    nlohmann::ordered_json body;
    switch (error.layout) {
        case ErrorLayout::service:
            body = {{"code", error.code}, {"message", error.message}, {"type", type}};
            break;
        case ErrorLayout::authorization:
            body = {{"message", error.message}, {"code", error.code}, {"type", type}};
            break;
        case ErrorLayout::serialization:
            body = {{"code", error.code}, {"type", type}, {"message", error.message}};
            break;
    }
    // Messages echo what clients sent, which need not be UTF-8.
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

namespace errors {

ServiceError vault_not_found(std::string_view arn_or_name) {
    return {404, not_found, fmt::format("Vault not found for ARN: {}", arn_or_name),
            "no vault of this name in this account and region; both come from the request's credentials"};
}

ServiceError job_not_found(std::string_view job_id) {
    return {404, not_found, fmt::format("The job ID was not found: {}", job_id),
            "the vault has no such job; jobs vanish a day after they complete"};
}

ServiceError archive_not_found(std::string_view archive_id) {
    return {404, not_found, fmt::format("The archive ID was not found: {}", archive_id),
            "no archive of this id in this account and region, or it was deleted"};
}

ServiceError archive_of_another_vault(std::string_view arn) {
    return {400, invalid_value, fmt::format("Invalid vault name: {}", arn),
            "the archive id belongs to another vault of this account"};
}

ServiceError vault_not_empty(std::string_view arn, std::string_view why) {
    return {400, invalid_value, fmt::format("Vault not empty or recently written to: {}", arn),
            std::string(why)};
}

ServiceError invalid_vault_name(std::string_view name) {
    return {400, invalid_value, fmt::format("Invalid vault name: {}", name),
            "a vault name is 1 to 255 of the characters a-z A-Z 0-9 _ - ."};
}

ServiceError inventory_not_ready(std::string_view arn) {
    return {
        404, not_found,
        fmt::format(
            "Inventory retrieval jobs for vault {} cannot be initiated yet, as Amazon Glacier has not yet "
            "generated an initial inventory for this vault.",
            arn),
        "the first inventory is made within a day of the first upload and can be retrieved half a day later"};
}

ServiceError job_not_ready(std::string_view job_id, std::string_view why) {
    return {400, invalid_value, fmt::format("The job is not currently available for download: {}", job_id),
            std::string(why)};
}

ServiceError range_beyond_output(std::string_view range) {
    return {400, invalid_value,
            fmt::format("The start of the range is larger than size of retrieved data: {}", range),
            "ranges count from the first byte of this job's output, not of the archive"};
}

ServiceError invalid_content_length(std::string_view value, std::string_view hint) {
    return {400, invalid_value, fmt::format("Invalid Content-Length: {}", value), std::string(hint)};
}

ServiceError invalid_tree_hash(std::string_view sent, std::string_view hint) {
    return {400, invalid_value, fmt::format("Invalid x-amz-sha256-tree-hash: {}", sent), std::string(hint)};
}

ServiceError tree_hash_mismatch(std::string_view sent, std::string_view computed, std::string_view hint) {
    return {400, invalid_value, fmt::format("Checksum mismatch: expected {}, computed {}", sent, computed),
            std::string(hint)};
}

ServiceError content_hash_mismatch(std::string_view computed, std::string_view sent, std::string_view hint) {
    return {
        403, "InvalidSignatureException",
        fmt::format("The value passed in as x-amz-content-sha256 does not match the computed payload hash. "
                    "Computed digest: {} expected hash: {}",
                    computed, sent),
        std::string(hint), ErrorLayout::authorization};
}

ServiceError upload_not_found(std::string_view upload_id) {
    return {404, not_found, fmt::format("The upload ID was not found: {}", upload_id),
            "the vault has no such upload in progress; uploads end by completion, by abortion, or a day "
            "after their last "
            "part"};
}

ServiceError invalid_part_size(std::string_view sent) {
    return {400, invalid_value,
            fmt::format(
                "Invalid part size: {}. Part size must not be null, must be a power of two and be between "
                "1048576 and 4294967296 bytes.",
                sent),
            "send x-amz-part-size, in bytes: 1 MiB times a power of two, at most 4 GiB"};
}

ServiceError notification_configuration_not_set(std::string_view arn) {
    return {404, not_found, fmt::format("No notification configuration is set for vault: {}", arn),
            "SetVaultNotifications sets one"};
}

ServiceError access_policy_not_set(std::string_view arn) {
    return {404, not_found, fmt::format("No vault access policy is set for: {}", arn),
            "SetVaultAccessPolicy sets one"};
}

ServiceError lock_policy_not_set(std::string_view arn) {
    return {404, not_found, fmt::format("No vault lock policy is set for: {}", arn),
            "InitiateVaultLock sets one; an attempt that is not completed ends after a day"};
}

ServiceError invalid_lock_policy(std::string hint) {
    return {400, invalid_value, "The specified vault lock policy is invalid. Provide a valid policy.",
            std::move(hint)};
}

ServiceError invalid_access_policy(std::string hint) {
    return {400, invalid_value, "The specified vault access policy is invalid. Provide a valid policy.",
            std::move(hint)};
}

ServiceError access_denied(std::string message, std::string hint) {
    return {403, "AccessDeniedException", std::move(message), std::move(hint)};
}

ServiceError limit_exceeded(std::string message, std::string hint) {
    return {400, "LimitExceededException", std::move(message), std::move(hint)};
}

ServiceError missing_parameter(std::string_view name, std::string_view hint) {
    return {400, missing_value, fmt::format("Required parameter missing: {}", name), std::string(hint)};
}

ServiceError invalid_parameter(std::string message, std::string hint) {
    return {400, invalid_value, std::move(message), std::move(hint)};
}

ServiceError invalid_marker(std::string_view marker) {
    return invalid_parameter(
        fmt::format("Invalid marker: {}", marker),
        "a marker comes from an earlier page of the same list, and is given back as it was");
}

ServiceError serialization(std::string hint) {
    return {400, "SerializationException", "SerializationException", std::move(hint),
            ErrorLayout::serialization};
}

ServiceError foreign_account(std::string_view account) {
    return {403, "AccessDeniedException", fmt::format("Access denied for account ID: {}", account),
            "the account in the path is not the caller's; use '-', or credentials whose access key is that "
            "account",
            ErrorLayout::authorization};
}

ServiceError invalid_signature(std::string hint) {
    return {403, "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret "
            "Access Key and signing method. Consult the service documentation for details.",
            std::move(hint), ErrorLayout::authorization};
}

ServiceError bad_request(std::string message, std::string hint) {
    return {400, "BadRequest", std::move(message), std::move(hint)};
}

ServiceError request_timeout() {
    return {408, "RequestTimeoutException", "Request timed out.",
            "the request did not arrive in time; send it again on a new connection"};
}

ServiceError service_unavailable(std::string hint) {
    return {500, "ServiceUnavailableException", "Internal error.", std::move(hint)};
}

}  // namespace errors
}  // namespace firn::glacier
