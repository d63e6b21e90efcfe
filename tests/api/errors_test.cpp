// Refusals of requests to all resources: their shape, and which one comes first.
#include <doctest/doctest.h>

#include "server/glacier/operation_table.hpp"
#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";

std::string sample_path(std::string pattern) {
    for (auto const& [part, value] : {std::pair{"{account}", "-"}, {"{vault}", "photos"}, {"{id}", "abc"}}) {
        if (auto const at = pattern.find(part); at != pattern.npos)
            pattern.replace(at, std::string(part).size(), value);
    }
    return "/" + pattern;
}

}  // namespace

TEST_CASE("a request without the API version is told so before anything else") {
    Api api;
    RawClient client(api.app().port());
    auto const reply = client.request("GET", "/999999999999/nowhere");
    CHECK(reply.status == 400);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(reply.body == R"({"code":"MissingParameterValueException",)"
                        R"("message":"Required parameter missing: API version","type":"Client"})");
    CHECK(reply.field("x-amzn-RequestId").value().size() == 47);
    CHECK_FALSE(reply.field("x-amzn-ErrorType"));
}

TEST_CASE("another API version is refused") {
    Api api;
    RawClient client(api.app().port());
    auto const reply = client.request("GET", "/-/vaults", {{"x-amz-glacier-version", "2012-06-02"}});
    CHECK(error_text(reply).starts_with("400 InvalidParameterValueException"));
}

TEST_CASE("what is no operation is a bad request, under any method") {
    Api api;
    for (auto const& call : {std::pair{"GET", "/"},
                             {"GET", "/-/vaults/photos/archives/x"},
                             {"PATCH", "/-/vaults"},
                             {"POST", "/-/vaults/photos/tags"},
                             {"GET", "/-/vaults/a/b/c/d/e"},
                             {"FOO", "/-/vaults"},
                             {"GET", "/-/vaults/%zz"}}) {
        CAPTURE(call.first);
        CAPTURE(call.second);
        CHECK(error_text(api.call(call.first, call.second)).starts_with("400 BadRequest: "));
    }
    CHECK(api.call("GET", "/-/vaults").status == 200);
}

TEST_CASE("HEAD is answered with a head that explains itself") {
    Api api;
    auto const reply = api.call("HEAD", "/-/vaults");
    CHECK(reply.status == 400);
    CHECK(reply.field("x-firn-hint").has_value());
    CHECK(reply.body.empty());
    CHECK(api.call("GET", "/-/vaults").status == 200);
}

TEST_CASE("every operation of the table answers a bare request in Glacier's shape") {
    Api api;
    for (auto const& operation : firn::glacier::operations()) {
        CAPTURE(operation.name);
        auto path = sample_path(std::string(operation.pattern));
        if (!operation.query.empty()) path += "?" + std::string(operation.query);
        auto const reply = api.call(operation.method, path);
        CHECK(reply.status < 500);
        if (reply.status < 300) {
            CHECK(reply.status == operation.success_status);
            continue;
        }
        auto const error = json::parse(reply.body);
        CHECK(error["type"] == "Client");
        CHECK(error["code"] != "BadRequest");
        CHECK(reply.field("x-firn-hint").has_value());
    }
}

TEST_CASE("a refused upload is read to its end, so that the client sees the error and not a reset") {
    Api api;
    auto const content = std::string(32 << 20, 'x');
    auto const reply = api.try_upload("no-such-vault", content);
    CHECK(reply.status == 404);
    CHECK(reply.field("Connection") == "close");
}

TEST_CASE("an upload that announces more than 4 GiB is refused before its body") {
    Api api;
    api.create_vault("photos");
    RawClient client(api.app().port());
    client.send(
        "POST /-/vaults/photos/archives HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n"
        "Content-Length: 38505164800\r\n\r\n");
    CHECK(error_text(client.read_reply()) ==
          "400 InvalidParameterValueException: Invalid Content-Length: 38505164800");
}

TEST_CASE("100 Continue is sent only when the head has passed every check") {
    Api api;
    api.create_vault("photos");
    auto const head = [](std::string const& vault, std::string const& content) {
        auto text = "POST /-/vaults/" + vault + "/archives HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n" +
                    "x-amz-glacier-version: 2012-06-01\r\nContent-Length: " + std::to_string(content.size()) +
                    "\r\n";
        for (auto const& [name, value] : hash_fields(content)) text += name + ": " + value + "\r\n";
        return text + "\r\n";
    };
    std::string const content(100'000, 'x');
    RawClient accepted(api.app().port());
    accepted.send(head("photos", content));
    CHECK(accepted.read_reply().status == 100);
    accepted.send(content);
    CHECK(accepted.read_reply().status == 201);

    RawClient refused(api.app().port());
    refused.send(head("nope", content));
    CHECK(refused.read_reply().status == 404);
}

TEST_CASE("a body in chunks is an archive like any other") {
    Api api;
    api.create_vault("photos");
    RawClient client(api.app().port());
    std::string const content = "hello archive";
    std::string text =
        "POST /-/vaults/photos/archives HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n"
        "Transfer-Encoding: chunked\r\n";
    for (auto const& [name, value] : hash_fields(content)) text += name + ": " + value + "\r\n";
    client.send(text + "\r\n5\r\nhello\r\n8\r\n archive\r\n0\r\n\r\n");
    CHECK(client.read_reply().status == 201);
    client.send("GET /-/vaults/photos HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n");
    CHECK(json::parse(client.read_reply().body)["NumberOfArchives"] == 1);
}

TEST_CASE("credentials that cannot be read are a signature error, not the default account") {
    Api api;
    for (std::string const value : {"AWS4-HMAC-SHA256 Credential=AKID", "Basic dTpw", "AWS4-HMAC-SHA256",
                                    "AWS4-HMAC-SHA256 Credential=A/20121101/US EAST/glacier/aws4_request,"}) {
        CAPTURE(value);
        auto const reply = api.call("GET", "/-/vaults", {}, {{"Authorization", value}});
        CHECK(reply.status == 403);
        CHECK(reply.body.starts_with(R"({"message":"The request signature we calculated)"));
    }
}

TEST_CASE("credentials for another service, or with another end, are refused with what is wrong") {
    Api api;
    std::string const service = "Credential should be scoped to correct service: 'glacier'. ";
    std::string const end =
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. ";
    for (auto const& [scope, message] :
         {std::pair("s3/aws4_request", service), {"glacier/aws4", end}, {"s3/aws4", service + end}}) {
        CAPTURE(scope);
        auto const credential = std::string("AKID/20121101/us-east-1/") + scope;
        auto const body =
            R"({"message":")" + message + R"(","code":"InvalidSignatureException","type":"Client"})";
        auto const reply = api.call("GET", "/-/vaults", {},
                                    {{"Authorization", "AWS4-HMAC-SHA256 Credential=" + credential + ", S"}});
        CHECK(reply.status == 403);
        CHECK(reply.body == body);
        CHECK(api.call("GET", "/-/vaults?X-Amz-Credential=" + credential).body == body);
    }
}

TEST_CASE("an account that is neither a dash nor 12 digits belongs to nobody") {
    Api api;
    for (std::string const account : {"abcmnoxyz", "12345678901", "1234-5678-9012", "--", "%2D1"}) {
        CAPTURE(account);
        auto const reply = api.call("GET", "/" + account + "/vaults");
        CHECK(reply.status == 403);
        CHECK(reply.body == R"({"message":"No account found for the given parameters",)"
                            R"("code":"UnrecognizedClientException","type":"Client"})");
    }
}

TEST_CASE("a JSON body that is too large or too deep is refused") {
    Api api;
    api.create_vault("photos");
    auto const deep = R"({"Type":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    CHECK(api.call("POST", "/-/vaults/photos/jobs", deep).body ==
          R"({"code":"SerializationException","type":"Client","message":"SerializationException"})");
    auto const large = R"({"Type":")" + std::string(2 << 20, 'x') + R"("})";
    RawClient client(api.app().port());
    CHECK(client.request("POST", "/-/vaults/photos/jobs", {{"x-amz-glacier-version", "2012-06-01"}}, large)
              .status == 400);
    CHECK(api.call("POST", "/-/vaults/photos/jobs", "{\"Type\":\"\xff\"}").status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 5: an error is code, message and type, and no header names it") {
    auto const reply = call("GET", "/-/vaults/nope");
    CHECK(reply.body == R"({"code":"ResourceNotFoundException","message":"Vault not found for ARN: )"
                        R"(arn:aws:glacier:us-east-1:000000000000:vaults/nope","type":"Client"})");
    CHECK_FALSE(reply.field("x-amzn-ErrorType"));
}

TEST_CASE_FIXTURE(Vault, "trap 46: a large upload that is refused gets its error, not a reset") {
    CHECK(error_text(try_upload("nope", std::string(16 * mebibyte, 'x'))).starts_with("404 "));
}

TEST_CASE_FIXTURE(Vault, "trap 48: a foreign account id is denied") {
    CHECK(error_text(call("GET", "/999999999999/vaults/photos")) ==
          "403 AccessDeniedException: Access denied for account ID: 999999999999");
    CHECK(call("GET", "/000000000000/vaults/photos").status == 200);
}

TEST_CASE_FIXTURE(Vault, "trap 49: a request without the API version is refused") {
    RawClient client(app().port());
    CHECK(error_text(client.request("GET", vault_path)) ==
          "400 MissingParameterValueException: Required parameter missing: API version");
}

TEST_CASE_FIXTURE(Vault, "field trap: what is not there is 404 and its code, never 500") {
    for (std::string const target : {"jobs/x", "jobs/x/output", "multipart-uploads/x", "lock-policy",
                                     "access-policy", "notification-configuration"}) {
        CAPTURE(target);
        CHECK(error_text(call("GET", at(target))).starts_with(not_found));
        CHECK(error_text(call("GET", "/-/vaults/nope/" + target)).starts_with(not_found));
    }
    CHECK(error_text(try_initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", "x"}}))
              .starts_with(not_found));
}
