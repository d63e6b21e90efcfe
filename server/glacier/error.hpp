// A refusal in Glacier's words. Thrown from anywhere below dispatch, turned into a response in one place.
// Codes and texts: reference list of messages seen from the service; those marked [suggested] nobody has on
// record.
#pragma once

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
};

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
ServiceError tree_hash_undecodable(std::string_view sent);
ServiceError tree_hash_mismatch(std::string_view sent, std::string_view computed, std::string_view hint);
ServiceError content_hash_mismatch(std::string_view computed, std::string_view sent);
ServiceError missing_parameter(std::string_view name, std::string_view hint);
// Any other invalid value; the message is the caller's.
ServiceError invalid_parameter(std::string message, std::string hint);
ServiceError serialization(std::string hint);
ServiceError foreign_account(std::string_view account);
ServiceError invalid_signature(std::string hint);
ServiceError bad_request(std::string message, std::string hint);
ServiceError request_timeout();
ServiceError service_unavailable(std::string hint);
// Not one of Glacier's: an operation that firn does not have yet.
ServiceError not_implemented(std::string_view operation);

}  // namespace errors
}  // namespace firn::glacier
