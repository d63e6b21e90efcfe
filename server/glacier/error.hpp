// An error in Glacier's words. Operations throw it; reply.cpp turns it into a response.
// Source of the codes and texts: messages seen from the service. Texts marked "Unverified" are not on record.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace firn::glacier {

// The order of the keys in the body of an error: the layers of the service differ in it.
enum class ErrorLayout {
    service,        // code, message, type
    authorization,  // message, code, type
    serialization,  // code, type, message
};

struct ServiceError : std::exception {
    ServiceError(unsigned http_status, std::string error_code, std::string error_message,
                 std::string error_hint, ErrorLayout error_layout = ErrorLayout::service,
                 std::string error_type = "");
    char const* what() const noexcept override { return message.c_str(); }

    unsigned status;
    std::string code;
    std::string message;
    std::string hint;  // for people, in the x-firn-hint header: what was wrong and what would be right
    ErrorLayout layout;
    std::string type;  // Client or Server; empty: Server for a status from 500
};

// The error of this code with its usual status and text, for fault rules. Nothing for a code that the service
// does not have.
std::optional<ServiceError> error_of_code(std::string_view code, std::string_view hint);

// The JSON body, compact as on the wire.
std::string body_of(ServiceError const& error);

namespace errors {

ServiceError vault_not_found(std::string_view arn_or_name);
ServiceError job_not_found(std::string_view job_id);
ServiceError archive_not_found(std::string_view archive_id);  // Unverified
ServiceError archive_of_another_vault(std::string_view arn);
ServiceError vault_not_empty(std::string_view arn, std::string_view why);
ServiceError invalid_vault_name(std::string_view name);  // Unverified
ServiceError inventory_not_ready(std::string_view arn);
ServiceError job_not_ready(std::string_view job_id, std::string_view why);
ServiceError range_beyond_output(std::string_view range);
ServiceError invalid_content_length(std::string_view value, std::string_view hint);
// The header cannot be decoded, or is wrong when an upload is completed.
ServiceError invalid_tree_hash(std::string_view sent, std::string_view hint);
// `sent`: decodable. The service shows it with 64 digits. Unverified: that the zeros are added on the left,
// and how a longer value is shown.
ServiceError tree_hash_mismatch(std::string_view sent, std::string_view computed, std::string_view hint);
ServiceError content_hash_mismatch(std::string_view computed, std::string_view sent, std::string_view hint);
ServiceError upload_not_found(std::string_view upload_id);  // Unverified
ServiceError invalid_part_size(std::string_view sent);
ServiceError notification_configuration_not_set(std::string_view arn);
ServiceError access_policy_not_set(std::string_view vault_name);
ServiceError lock_policy_not_set(std::string_view arn);  // Unverified
ServiceError invalid_lock_policy(std::string_view hint);
ServiceError invalid_access_policy(std::string_view hint);  // Unverified
ServiceError access_denied(std::string_view message, std::string_view hint);
ServiceError limit_exceeded(std::string_view message, std::string_view hint);  // Unverified
ServiceError missing_parameter(std::string_view name, std::string_view hint);
ServiceError invalid_marker(std::string_view marker);  // Unverified
// Any other invalid value, with a message of its own.
ServiceError invalid_parameter(std::string_view message, std::string_view hint);
ServiceError serialization(std::string_view hint);
ServiceError foreign_account(std::string_view account);
ServiceError account_unknown(std::string_view hint);
ServiceError invalid_signature(std::string_view hint);
ServiceError wrong_credential_scope(std::string_view message, std::string_view hint);  // Unverified
ServiceError bad_request(std::string_view message, std::string_view hint);
ServiceError request_timeout();
ServiceError too_many_connections();
ServiceError service_unavailable(std::string_view hint);

}  // namespace errors
}  // namespace firn::glacier
