#include "server/glacier/error.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "server/glacier/error_codes.hpp"

namespace firn::glacier {
namespace {

// The codes that firn answers with by itself. A code that is not in the table does not compile.
constexpr auto const& beyond_limit = *find_code("LimitExceededException");
constexpr auto const& denied = *find_code("AccessDeniedException");
constexpr auto const& invalid_value = *find_code("InvalidParameterValueException");
constexpr auto const& malformed_json = *find_code("SerializationException");
constexpr auto const& malformed_request = *find_code("BadRequest");
constexpr auto const& missing_value = *find_code("MissingParameterValueException");
constexpr auto const& no_client = *find_code("UnrecognizedClientException");
constexpr auto const& not_found = *find_code("ResourceNotFoundException");
constexpr auto const& timeout = *find_code("RequestTimeoutException");
constexpr auto const& unavailable = *find_code("ServiceUnavailableException");
constexpr auto const& wrong_signature = *find_code("InvalidSignatureException");

ServiceError make(ErrorCode const& row, std::string_view message, std::string_view hint) {
    return {row.status, std::string(row.code), std::string(message), std::string(hint), row.layout};
}

ServiceError make_usual(ErrorCode const& row, std::string_view hint) {
    return make(row, row.text, hint);
}

}  // namespace

ServiceError::ServiceError(unsigned http_status, std::string error_code, std::string error_message,
                           std::string error_hint, ErrorLayout error_layout, std::string error_type)
    : status(http_status),
      code(std::move(error_code)),
      message(std::move(error_message)),
      hint(std::move(error_hint)),
      layout(error_layout),
      type(std::move(error_type)) {}

std::optional<ServiceError> error_of_code(std::string_view code, std::string_view hint) {
    auto const* const row = find_code(code);
    if (row == nullptr) return std::nullopt;
    return make_usual(*row, hint);
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
    // Messages repeat what clients sent, which may not be UTF-8.
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

namespace errors {

ServiceError vault_not_found(std::string_view arn_or_name) {
    return make(not_found, fmt::format("Vault not found for ARN: {}", arn_or_name),
                "there is no vault of this name in this account and region; both come from the request's "
                "credentials");
}

ServiceError job_not_found(std::string_view job_id) {
    return make(not_found, fmt::format("The job ID was not found: {}", job_id),
                "the vault has no job with this id; a job is removed a day after it completes");
}

ServiceError archive_not_found(std::string_view archive_id) {
    return make(not_found, fmt::format("The archive ID was not found: {}", archive_id),
                "there is no archive with this id in this account and region, or it was deleted");
}

ServiceError archive_of_another_vault(std::string_view arn) {
    return make(invalid_value, fmt::format("Invalid vault name: {}", arn),
                "the archive id belongs to another vault of this account");
}

ServiceError vault_not_empty(std::string_view arn, std::string_view why) {
    return make(invalid_value, fmt::format("Vault not empty or recently written to: {}", arn), why);
}

ServiceError invalid_vault_name(std::string_view name) {
    return make(invalid_value, fmt::format("Invalid vault name: {}", name),
                "a vault name has 1 to 255 characters of a-z A-Z 0-9 _ - .");
}

ServiceError inventory_not_ready(std::string_view arn) {
    return make(not_found,
                fmt::format("Inventory retrieval jobs for vault {} cannot be initiated yet, as Amazon "
                            "Glacier has not yet generated an initial inventory for this vault.",
                            arn),
                "the first inventory is made within a day of the first upload; it can be retrieved half a "
                "day later");
}

ServiceError job_not_ready(std::string_view job_id, std::string_view why) {
    return make(invalid_value, fmt::format("The job is not currently available for download: {}", job_id),
                why);
}

ServiceError range_beyond_output(std::string_view range) {
    return make(invalid_value,
                fmt::format("The start of the range is larger than size of retrieved data: {}", range),
                "a range counts from the first byte of this job's output, not of the archive");
}

ServiceError invalid_content_length(std::string_view value, std::string_view hint) {
    return make(invalid_value, fmt::format("Invalid Content-Length: {}", value), hint);
}

ServiceError invalid_tree_hash(std::string_view sent, std::string_view hint) {
    return make(invalid_value, fmt::format("Invalid x-amz-sha256-tree-hash: {}", sent), hint);
}

ServiceError tree_hash_mismatch(std::string_view sent, std::string_view computed, std::string_view hint) {
    return make(invalid_value,
                fmt::format("Checksum mismatch: expected {:0>64}, computed {}", sent, computed), hint);
}

ServiceError content_hash_mismatch(std::string_view computed, std::string_view sent, std::string_view hint) {
    return make(wrong_signature,
                fmt::format("The value passed in as x-amz-content-sha256 does not match the computed payload "
                            "hash. Computed digest: {} expected hash: {}",
                            computed, sent),
                hint);
}

ServiceError upload_not_found(std::string_view upload_id) {
    return make(not_found, fmt::format("The upload ID was not found: {}", upload_id),
                "the vault has no open upload with this id; an upload ends when it is completed or aborted, "
                "or a day after its last part");
}

ServiceError invalid_part_size(std::string_view sent) {
    return make(invalid_value,
                fmt::format("Invalid part size: {}. Part size must not be null, must be a power of two and "
                            "be between 1048576 and 4294967296 bytes.",
                            sent),
                "send x-amz-part-size in bytes: 1 MiB times a power of two, at most 4 GiB");
}

ServiceError notification_configuration_not_set(std::string_view arn) {
    return make(not_found, fmt::format("No notification configuration is set for vault: {}", arn),
                "SetVaultNotifications sets one");
}

ServiceError access_policy_not_set(std::string_view vault_name) {
    return make(not_found, fmt::format("No vault access policy is set for: {}", vault_name),
                "SetVaultAccessPolicy sets one");
}

ServiceError lock_policy_not_set(std::string_view arn) {
    return make(not_found, fmt::format("No vault lock policy is set for: {}", arn),
                "InitiateVaultLock sets one; a lock that is not completed ends after a day");
}

ServiceError invalid_lock_policy(std::string_view hint) {
    return make(invalid_value, "The specified vault lock policy is invalid. Provide a valid policy.", hint);
}

ServiceError invalid_access_policy(std::string_view hint) {
    return make(invalid_value, "The specified vault access policy is invalid. Provide a valid policy.", hint);
}

ServiceError access_denied(std::string_view message, std::string_view hint) {
    auto error = make(denied, message, hint);
    // An operation refuses here, not the layer that checks who calls.
    error.layout = ErrorLayout::service;
    return error;
}

ServiceError limit_exceeded(std::string_view message, std::string_view hint) {
    return make(beyond_limit, message, hint);
}

ServiceError missing_parameter(std::string_view name, std::string_view hint) {
    return make(missing_value, fmt::format("Required parameter missing: {}", name), hint);
}

ServiceError invalid_marker(std::string_view marker) {
    return make(invalid_value, fmt::format("Invalid marker: {}", marker),
                "a marker comes from an earlier page of the same list; send it back unchanged");
}

ServiceError invalid_parameter(std::string_view message, std::string_view hint) {
    return make(invalid_value, message, hint);
}

ServiceError serialization(std::string_view hint) {
    return make_usual(malformed_json, hint);
}

ServiceError foreign_account(std::string_view account) {
    return make(denied, fmt::format("Access denied for account ID: {}", account),
                "the account in the path is not the caller's; send '-' or use an access key that is the "
                "account's 12 digits");
}

ServiceError account_unknown(std::string_view hint) {
    return make(no_client, "No account found for the given parameters", hint);
}

ServiceError invalid_signature(std::string_view hint) {
    return make_usual(wrong_signature, hint);
}

ServiceError wrong_credential_scope(std::string_view message, std::string_view hint) {
    return make(wrong_signature, message, hint);
}

ServiceError bad_request(std::string_view message, std::string_view hint) {
    return make(malformed_request, message, hint);
}

ServiceError request_timeout() {
    return make_usual(timeout, "the request did not arrive in time; send it again on a new connection");
}

ServiceError too_many_connections() {
    auto error =
        service_unavailable("all of firn's connections are in use; close some, or raise --max-connections");
    // Not the usual 500: the client can try again.
    error.status = 503;
    return error;
}

ServiceError service_unavailable(std::string_view hint) {
    // Not the usual text: the service says this of a failure of its own.
    return make(unavailable, "Internal error.", hint);
}

}  // namespace errors
}  // namespace firn::glacier
