// Vaults: created, described, listed and deleted.
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";

}  // namespace

TEST_CASE("creating a vault answers with its path, real account included") {
    Api api;
    auto const reply = api.call("PUT", "/-/vaults/photos");
    CHECK(reply.status == 201);
    CHECK(reply.field("Location") == "/000000000000/vaults/photos");
    CHECK(reply.body == "{}");
    CHECK(std::regex_match(reply.field("x-amzn-RequestId").value(), std::regex("[A-Za-z0-9_-]{47}")));
}

TEST_CASE("creating a vault that exists succeeds and resets nothing") {
    Api api;
    api.create_vault("photos");
    api.upload("photos", "a photo");
    auto const before = api.call("GET", "/-/vaults/photos").body;
    api.advance(1h);
    CHECK(api.call("PUT", "/-/vaults/photos").status == 201);
    CHECK(api.call("GET", "/-/vaults/photos").body == before);
}

TEST_CASE("a fresh vault is described with zeros and no inventory date") {
    Api api;
    api.create_vault("photos");
    auto const reply = api.call("GET", "/-/vaults/photos");
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    auto const vault = json::parse(reply.body);
    CHECK(std::regex_match(vault["CreationDate"].get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
    CHECK(vault["LastInventoryDate"].is_null());
    CHECK(vault["NumberOfArchives"] == 0);
    CHECK(vault["SizeInBytes"] == 0);
    CHECK(vault["VaultARN"] == "arn:aws:glacier:us-east-1:000000000000:vaults/photos");
    CHECK(vault["VaultName"] == "photos");
}

TEST_CASE("an archive adds 32 KiB to the size of its vault") {
    Api api;
    api.create_vault("photos");
    api.upload("photos", "12345");
    auto const vault = json::parse(api.call("GET", "/-/vaults/photos").body);
    CHECK(vault["NumberOfArchives"] == 1);
    CHECK(vault["SizeInBytes"] == 32'773);
}

TEST_CASE("an absent vault is not found under its ARN, an impossible name under itself") {
    Api api;
    CHECK(error_text(api.call("GET", "/-/vaults/nope")) ==
          "404 ResourceNotFoundException: Vault not found for ARN: "
          "arn:aws:glacier:us-east-1:000000000000:vaults/nope");
    CHECK(error_text(api.call("GET", "/-/vaults/testz%3Az")) ==
          "404 ResourceNotFoundException: Vault not found for ARN: testz:z");
}

TEST_CASE("a vault name that breaks the rules cannot be created") {
    Api api;
    for (auto const& name :
         {std::string("bad%21name"), std::string("a%2Fb"), std::string("%00"), std::string(256, 'x')}) {
        CAPTURE(name);
        auto const reply = api.call("PUT", "/-/vaults/" + name);
        CHECK(error_text(reply).starts_with("400 InvalidParameterValueException: "));
        CHECK(reply.field("x-firn-hint").has_value());
    }
}

TEST_CASE("dots are vault names like others and never reach the file system") {
    Api api;
    for (std::string const name : {".", "..", "%2e%2e"}) {
        CAPTURE(name);
        CHECK(api.call("PUT", "/-/vaults/" + name).status == 201);
        CHECK(api.call("GET", "/-/vaults/" + name).status == 200);
    }
    CHECK(json::parse(api.call("GET", "/-/vaults").body)["VaultList"].size() == 2);
    CHECK(error_text(api.call("GET", "/-/vaults/..%2F..%2Fetc")) ==
          "404 ResourceNotFoundException: Vault not found for ARN: ../../etc");
}

TEST_CASE("vaults are listed in byte order, ten a page, and the marker ends as null") {
    Api api;
    for (int i = 0; i < 25; ++i) api.create_vault((i % 2 == 0 ? "a" : "B") + std::to_string(100 + i));
    std::vector<std::string> names;
    std::string marker;
    int pages = 0;
    do {
        auto const page = json::parse(api.call("GET", "/-/vaults?limit=1000&marker=" + marker).body);
        for (auto const& vault : page["VaultList"]) names.push_back(vault["VaultName"]);
        marker = page["Marker"].is_null() ? "" : page["Marker"].get<std::string>();
        ++pages;
    } while (!marker.empty() && pages < 10);
    CHECK(pages == 3);
    CHECK(names.size() == 25);
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(std::unique(names.begin(), names.end()) == names.end());
}

TEST_CASE("a page is as small as asked for, and a bad limit or marker is refused") {
    Api api;
    for (std::string const name : {"a", "b", "c"}) api.create_vault(name);
    auto const page = json::parse(api.call("GET", "/-/vaults?limit=2").body);
    CHECK(page["VaultList"].size() == 2);
    CHECK(page["Marker"] == "arn:aws:glacier:us-east-1:000000000000:vaults/c");
    // Clients encode the marker, and send empty parameters for "not given".
    auto const rest =
        api.call("GET", "/-/vaults?marker=arn%3Aaws%3Aglacier%3Aus-east-1%3A000000000000%3Avaults%2Fc");
    CHECK(json::parse(rest.body)["VaultList"].size() == 1);
    CHECK(api.call("GET", "/-/vaults?limit=&marker=").status == 200);
    for (std::string const limit : {"0", "-1", "x", "1.5", "%20"}) {
        CAPTURE(limit);
        CHECK(
            error_text(api.call("GET", "/-/vaults?limit=" + limit)).starts_with("400 InvalidParameterValue"));
    }
    CHECK(api.call("GET", "/-/vaults?limit=99999999999999999999999").status == 200);
    CHECK(error_text(api.call("GET", "/-/vaults?marker=c")).starts_with("400 InvalidParameterValue"));
}

TEST_CASE("the thousand and first vault is refused, and an existing one is not") {
    Api api;
    for (int i = 0; i < 1000; ++i) api.create_vault("v" + std::to_string(i));
    CHECK(error_text(api.call("PUT", "/-/vaults/one-more")).starts_with("400 LimitExceededException: "));
    CHECK(api.call("PUT", "/-/vaults/v0").status == 201);
    CHECK(api.call("PUT", "/-/vaults/one-more", {}, signed_by("111122223333")).status == 201);
}

TEST_CASE("a vault goes when it is empty, and deleting it again is no error") {
    Api api;
    api.create_vault("photos");
    auto const archive = api.upload("photos", "a photo");
    CHECK(error_text(api.call("DELETE", "/-/vaults/photos")) ==
          "400 InvalidParameterValueException: Vault not empty or recently written to: "
          "arn:aws:glacier:us-east-1:000000000000:vaults/photos");
    CHECK(api.call("DELETE", "/-/vaults/photos/archives/" + archive).status == 204);
    CHECK(api.call("DELETE", "/-/vaults/photos").status == 204);
    CHECK(api.call("GET", "/-/vaults/photos").status == 404);
    CHECK(api.call("DELETE", "/-/vaults/photos").status == 204);
}

TEST_CASE("accounts and regions do not see each other's vaults") {
    Api api;
    api.create_vault("photos");
    auto const other = signed_by("111122223333");
    CHECK(api.call("GET", "/-/vaults/photos", {}, other).status == 404);
    CHECK(api.call("GET", "/-/vaults/photos", {}, signed_by("AKIDEXAMPLE")).status == 200);
    CHECK(api.call("GET", "/-/vaults/photos", {}, signed_by("AKIDEXAMPLE", "eu-west-1")).status == 404);
    auto const created =
        api.call("PUT", "/111122223333/vaults/photos", {}, signed_by("111122223333", "cn-north-1"));
    CHECK(created.field("Location") == "/111122223333/vaults/photos");
    auto const described = api.call("GET", "/-/vaults/photos", {}, signed_by("111122223333", "cn-north-1"));
    CHECK(json::parse(described.body)["VaultARN"] ==
          "arn:aws-cn:glacier:cn-north-1:111122223333:vaults/photos");
}

TEST_CASE("a foreign account id is denied, with the keys in the order of the authorization layer") {
    Api api;
    auto const reply = api.call("GET", "/999999999999/vaults");
    CHECK(reply.status == 403);
    CHECK(
        reply.body ==
        R"({"message":"Access denied for account ID: 999999999999","code":"AccessDeniedException","type":"Client"})");
}

TEST_CASE_FIXTURE(Vault, "trap 2: creating a vault that exists is 201, not 409") {
    CHECK(call("PUT", vault_path).status == 201);
    CHECK(call("PUT", vault_path).field("Location") == "/000000000000/vaults/photos");
}

TEST_CASE_FIXTURE(Vault, "trap 18: an archive adds 32 KiB to SizeInBytes") {
    upload("photos", "12345");
    upload("photos", "678");
    CHECK(describe()["SizeInBytes"] == 2 * 32'768 + 8);
}

TEST_CASE_FIXTURE(Vault, "trap 45: dots are names, and an encoded slash is no border") {
    for (std::string const name : {".", ".."}) {
        CHECK(call("PUT", "/-/vaults/" + name).field("Location") == "/000000000000/vaults/" + name);
        CHECK(json::parse(call("GET", "/-/vaults/" + name).body)["VaultName"] == name);
    }
    CHECK(error_text(call("GET", "/-/vaults/x%2F..%2Fphotos")) ==
          "404 ResourceNotFoundException: Vault not found for ARN: x/../photos");
    CHECK(call("GET", "/-/vaults%2Fphotos").status == 400);
}

TEST_CASE_FIXTURE(Vault, "field trap: creating a vault again erases nothing") {
    auto const archive = upload("photos", "a photo");
    call("POST", at("tags?operation=add"), R"({"Tags":{"a":"b"}})");
    auto const job = retrieve(archive);
    auto const before = call("GET", vault_path).body;
    advance(1h);
    create_vault("photos");
    CHECK(call("GET", vault_path).body == before);
    CHECK(call("GET", at("tags")).body == R"({"Tags":{"a":"b"}})");
    CHECK(output("photos", job).body == "a photo");
    CHECK(output("photos", retrieve(archive)).body == "a photo");
}

TEST_CASE_FIXTURE(Vault, "field trap: waiters see ResourceNotFoundException until a vault is there") {
    auto const code = [&] {
        auto const reply = json::parse(call("GET", "/-/vaults/new").body);
        return reply.value("code", "");
    };
    CHECK(code() == "ResourceNotFoundException");
    create_vault("new");
    CHECK(code().empty());
    call("DELETE", "/-/vaults/new");
    CHECK(code() == "ResourceNotFoundException");
}

TEST_CASE_FIXTURE(Vault, "field trap: a vault of one region is not seen in another") {
    auto const elsewhere = signed_by("AKIDEXAMPLE", "eu-west-1");
    CHECK(call("GET", vault_path, {}, elsewhere).status == 404);
    CHECK(call("GET", "/-/vaults", {}, elsewhere).body == R"({"Marker":null,"VaultList":[]})");
    CHECK(call("GET", vault_path, {}, signed_by("AKIDEXAMPLE")).status == 200);
}

TEST_CASE_FIXTURE(Vault, "field trap: an impossible vault name is not found under itself") {
    for (std::string const rest : {"", "/jobs", "/tags", "/lock-policy", "/multipart-uploads"}) {
        CAPTURE(rest);
        CHECK(error_text(call("GET", "/-/vaults/testz%3Az" + rest)) ==
              not_found + std::string("Vault not found for ARN: testz:z"));
    }
}
