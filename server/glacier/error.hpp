// A refusal in Glacier's words. Thrown from anywhere below dispatch, turned into a response in one place.
// Codes and texts: reference list of messages seen from the service; those marked [suggested] nobody has on
// record.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firn::glacier {

// Order of the keys in an error's body: the layers of the service differ in it.
enum class ErrorLayout {
    service,        // code, message, type
    authorization,  // message, code, type
    serialization,  // code, type, message
};

struct ServiceError {
    unsigned status;
    std::string code;
    std::string message;
    std::string hint;  // for people, in the x-firn-hint header: what was wrong and what would be right
    ErrorLayout layout = ErrorLayout::service;
    std::string type = {};  // Client or Server; empty: as the status says
};

// The error of that code as the service words it most commonly, for those who want one to happen; nothing for
// a code that the service does not have.
std::optional<ServiceError> error_of_code(std::string_view code);

// The JSON body, compact as on the wire.
std::string body_of(ServiceError const& error);

namespace errors {

ServiceError vault_not_found(std::string_view arn_or_name);
ServiceError job_not_found(std::string_view job_id);
ServiceError archive_not_found(std::string_view archive_id);  // [suggested]
ServiceError archive_of_another_vault(std::string_view arn);
ServiceError vault_not_empty(std::string_view arn, std::string_view why);
ServiceError vault_limit_exceeded();                     // [suggested]
ServiceError invalid_vault_name(std::string_view name);  // [suggested]
ServiceError inventory_not_ready(std::string_view arn);
ServiceError job_not_ready(std::string_view job_id, std::string_view why);
ServiceError range_beyond_output(std::string_view range);
ServiceError invalid_content_length(std::string_view value, std::string_view hint);
// Undecodable, or, when an upload is completed, wrong.
ServiceError invalid_tree_hash(std::string_view sent, std::string_view hint);
ServiceError tree_hash_mismatch(std::string_view sent, std::string_view computed, std::string_view hint);
ServiceError content_hash_mismatch(std::string_view computed, std::string_view sent, std::string_view hint);
ServiceError upload_not_found(std::string_view upload_id);  // [suggested]
ServiceError invalid_part_size(std::string_view sent);
ServiceError notification_configuration_not_set(std::string_view arn);
ServiceError access_policy_not_set(std::string_view arn);
ServiceError lock_policy_not_set(std::string_view arn);  // [suggested]
ServiceError invalid_lock_policy(std::string hint);
ServiceError invalid_access_policy(std::string hint);  // [suggested]
ServiceError access_denied(std::string message, std::string hint);
ServiceError limit_exceeded(std::string message, std::string hint);  // [suggested]
ServiceError missing_parameter(std::string_view name, std::string_view hint);
ServiceError invalid_marker(std::string_view marker);  // [suggested]
// Any other invalid value; the message is the caller's.
ServiceError invalid_parameter(std::string message, std::string hint);
ServiceError serialization(std::string hint);
ServiceError foreign_account(std::string_view account);
ServiceError invalid_signature(std::string hint);
ServiceError bad_request(std::string message, std::string hint);
ServiceError request_timeout();
ServiceError service_unavailable(std::string hint);

}  // namespace errors
}  // namespace firn::glacier
