#include "server/identity/caller.hpp"

#include <doctest/doctest.h>

using namespace firn::identity;

namespace {

// `access key in region`, empty for no scope.
std::string shown(std::optional<CredentialScope> const& scope) {
    return scope ? scope->access_key + " in " + scope->region : "";
}

std::string signed_by(std::string const& credential) {
    return shown(parse_authorization("AWS4-HMAC-SHA256 Credential=" + credential +
                                     ", SignedHeaders=host;x-amz-date, Signature=abc"));
}

}  // namespace

TEST_CASE("the Authorization header tells access key and region") {
    CHECK(signed_by("AKIDEXAMPLE/20120525/us-east-1/glacier/aws4_request") == "AKIDEXAMPLE in us-east-1");
    CHECK(signed_by("123456789012/20120525/eu-west-1/glacier/aws4_request") == "123456789012 in eu-west-1");
}

TEST_CASE("the parts of the header may stand in any order and close together") {
    auto const* const expected = "AKID in us-east-1";
    CHECK(shown(parse_authorization("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=abc, "
                                    "Credential=AKID/20120525/us-east-1/glacier/aws4_request")) == expected);
    CHECK(
        shown(parse_authorization("AWS4-HMAC-SHA256 Credential=AKID/20120525/us-east-1/glacier/aws4_request,"
                                  "SignedHeaders=host,Signature=abc")) == expected);
}

TEST_CASE("an access key may hold slashes") {
    CHECK(signed_by("a/b/20120525/us-east-1/glacier/aws4_request") == "a/b in us-east-1");
}

TEST_CASE("a header of another scheme or without a credential tells nothing") {
    for (auto const* const header : {"", "Basic QUtJRDpzZWNyZXQ=", "AWS AKID:signature", "AWS4-HMAC-SHA256",
                                     "AWS4-HMAC-SHA256 Signature=abc",
                                     "Bearer Credential=AKID/20120525/us-east-1/glacier/aws4_request"}) {
        CAPTURE(header);
        CHECK_FALSE(parse_authorization(header));
    }
}

TEST_CASE("a credential that is no scope, or whose region cannot be one, tells nothing") {
    for (auto const* const credential :
         {"", "AKID", "AKID/20120525/us-east-1/glacier", "20120525/us-east-1/glacier/aws4_request",
          "/20120525/us-east-1/glacier/aws4_request", "AKID/20120525//glacier/aws4_request",
          "AKID/20120525/US-EAST-1/glacier/aws4_request", "AKID/20120525/us:east/glacier/aws4_request"}) {
        CAPTURE(credential);
        CHECK_FALSE(parse_credential_scope(credential));
    }
    auto const long_region = "AKID/20120525/" + std::string(65, 'r') + "/glacier/aws4_request";
    CHECK_FALSE(parse_credential_scope(long_region));
}

TEST_CASE("a scope is of Glacier and ends as all scopes do") {
    auto const fault_of = [](std::string const& end) {
        return find_scope_fault(parse_credential_scope("AKID/20120525/us-east-1/" + end).value())
            .value_or("");
    };
    CHECK(fault_of("glacier/aws4_request").empty());
    CHECK(fault_of("Glacier/aws4_request") == "Credential should be scoped to correct service: 'glacier'. ");
    CHECK(fault_of("glacier/aws4") ==
          "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. ");
}

TEST_CASE("a key of 12 digits is its own account, any other belongs to the default one") {
    Caller const defaults{"000000000000", "us-east-1"};
    auto const own = caller_of({"123456789012", "eu-west-1"}, defaults);
    CHECK(own.account == "123456789012");
    CHECK(own.region == "eu-west-1");
    auto const other = caller_of({"AKIDEXAMPLE", "eu-west-1"}, defaults);
    CHECK(other.account == "000000000000");
    CHECK(other.region == "eu-west-1");
}

TEST_CASE("an account id is 12 digits") {
    CHECK(is_account_id("000000000000"));
    for (auto const* const text :
         {"", "12345678901", "1234567890123", "1234-5678-901", "12345678901x", "-"}) {
        CAPTURE(text);
        CHECK_FALSE(is_account_id(text));
    }
}

TEST_CASE("regions of China and of the US government have partitions of their own") {
    CHECK(partition_of("us-east-1") == "aws");
    CHECK(partition_of("cn-north-1") == "aws-cn");
    CHECK(partition_of("us-gov-west-1") == "aws-us-gov");
    CHECK(partition_of("ca-central-1") == "aws");
}
