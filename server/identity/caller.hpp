// Who sends a request: the account and region of its credentials. Signatures are not verified.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firn::identity {

struct Caller {
    std::string account;  // 12 digits
    std::string region;
};

// The credential scope of a SigV4 signature: `AKID/20120525/us-east-1/glacier/aws4_request`.
struct CredentialScope {
    std::string access_key;
    std::string region;
    std::string service = {};
    std::string terminator = {};
};

// Nothing when the text is not a credential scope.
std::optional<CredentialScope> parse_credential_scope(std::string_view text);

// The scope in an `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` header.
// Nothing when the header does not have that form.
std::optional<CredentialScope> parse_authorization(std::string_view header);

// Why the scope is not one of Glacier, in the words of AWS; nothing when it is.
std::optional<std::string> find_scope_fault(CredentialScope const& scope);

// An access key of 12 digits is the account itself; any other key belongs to the default account.
Caller caller_of(CredentialScope const& scope, Caller const& defaults);

bool is_account_id(std::string_view text);
bool is_region(std::string_view text);

// The partition in the ARNs of a region: `aws`, `aws-cn` or `aws-us-gov`.
std::string_view partition_of(std::string_view region);

}  // namespace firn::identity
