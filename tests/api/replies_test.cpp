// What the replies of all operations have in common: status, Location, identifiers, types of values.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE_FIXTURE(Vault, "trap 1: a job is 202, a creation 201, a part 204") {
    CHECK(call("PUT", "/-/vaults/new").status == 201);
    CHECK(try_upload("photos", "a photo").status == 201);
    CHECK(try_initiate("photos", {{"Type", "inventory-retrieval"}}).status == 202);
    CHECK(try_begin_upload().status == 201);
    auto const id = begin_upload();
    CHECK(put_part(id, "12345").status == 204);
    CHECK(complete_upload(id, 5, tree_hash("12345")).status == 201);
    CHECK(call("POST", "/-/provisioned-capacity").status == 201);
}

TEST_CASE_FIXTURE(Vault, "field trap: 201 and 202 carry an empty object, 204 nothing") {
    auto const upload = try_begin_upload();
    auto const id = upload.field("x-amz-multipart-upload-id").value();
    auto const part = put_part(id, "12345");
    auto const lock = call("POST", at("lock-policy"), policy_body());
    for (auto const& reply : {call("PUT", "/-/vaults/new"), call("PUT", "/-/vaults/new"),
                              try_upload("photos", "a photo"), upload, complete_upload(id, "12345"),
                              complete_upload(id, "12345"), lock, call("POST", "/-/provisioned-capacity"),
                              try_initiate("photos", {{"Type", "inventory-retrieval"}})}) {
        CHECK((reply.status == 201 || reply.status == 202));
        CHECK(reply.field("Content-Type") == "application/json");
        CHECK(reply.field("Content-Length") == "2");
        CHECK(reply.body == "{}");
    }
    for (auto const& reply : {part, call("DELETE", at("lock-policy")), call("DELETE", "/-/vaults/new")}) {
        CHECK(reply.status == 204);
        CHECK_FALSE(reply.field("Content-Type"));
        CHECK_FALSE(reply.field("Content-Length"));
        CHECK(reply.body.empty());
    }
}

TEST_CASE_FIXTURE(Vault, "trap 3: Location and ARN carry the account, not the dash of the request") {
    CHECK(call("PUT", vault_path).field("Location") == "/000000000000/vaults/photos");
    CHECK(try_upload("photos", "x").field("Location").value().starts_with("/000000000000/vaults/photos/"));
    CHECK(describe()["VaultARN"] == vault_arn);
    auto const created = call("PUT", vault_path, {}, signed_by("111122223333"));
    CHECK(created.field("Location") == "/111122223333/vaults/photos");
}

TEST_CASE_FIXTURE(Vault, "trap 4: a Location is a path, not a URL") {
    auto const id = begin_upload();
    put_part(id, "12345");
    for (auto const& reply : {call("PUT", vault_path), try_upload("photos", "a photo"),
                              try_initiate("photos", {{"Type", "inventory-retrieval"}}), try_begin_upload(),
                              complete_upload(id, 5, tree_hash("12345"))}) {
        CHECK(reply.field("Location").value().starts_with("/000000000000/vaults/photos"));
    }
}

TEST_CASE_FIXTURE(Vault, "trap 6: application/json comes without a charset") {
    for (std::string const target : {"/-/vaults", "/-/vaults/nope", "/-/vaults/photos/multipart-uploads",
                                     "/-/vaults/photos/tags", "/-/policies/data-retrieval"}) {
        CHECK(call("GET", target).field("Content-Type") == "application/json");
    }
}

TEST_CASE_FIXTURE(Vault, "trap 32: Limit of an inventory is a string, sizes and counts are numbers") {
    upload("photos", "12345");
    auto const job = initiate(
        "photos", {{"Type", "inventory-retrieval"}, {"InventoryRetrievalParameters", {{"Limit", "7"}}}});
    CHECK(describe_job("photos", job)["InventoryRetrievalParameters"]["Limit"] == "7");
    advance(2s);
    CHECK(json::parse(output("photos", job).body)["ArchiveList"][0]["Size"] == 5);
    CHECK(describe()["NumberOfArchives"] == 1);
    auto const id = begin_upload();
    put_part(id, "12345");
    CHECK(list_parts(id)["PartSizeInBytes"] == mebibyte);
    call("PUT", "/-/policies/data-retrieval",
         R"({"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":7}]}})");
    auto const policy = json::parse(call("GET", "/-/policies/data-retrieval").body)["Policy"];
    CHECK(policy["Rules"][0]["BytesPerHour"] == 7);
}

TEST_CASE_FIXTURE(Vault, "trap 41: ids are as long as real ones, and may begin with a dash") {
    auto const is_id = [](std::optional<std::string> const& id, std::size_t length) {
        static std::regex const letters("[A-Za-z0-9_-]*");
        return id && id->size() == length && std::regex_match(*id, letters);
    };
    CHECK(is_id(try_upload("photos", "x").field("x-amz-archive-id"), 138));
    CHECK(is_id(call("POST", at("lock-policy"), policy_body()).field("x-amz-lock-id"), 24));
    CHECK(is_id(call("POST", "/-/provisioned-capacity").field("x-amz-capacity-id"), 24));
    CHECK(is_id(try_initiate("photos", {{"Type", "inventory-retrieval"}}).field("x-amz-job-id"), 92));
    bool with_dash = false;
    for (int i = 0; i < 1000 && !with_dash; ++i) {
        auto const id = try_begin_upload().field("x-amz-multipart-upload-id");
        REQUIRE(is_id(id, 92));
        with_dash = id->starts_with('-');
    }
    CHECK(with_dash);
}

TEST_CASE_FIXTURE(Vault, "trap 47: 100-continue is answered at once, and an output tells its length") {
    RawClient client(app().port());
    std::string head = "POST /-/vaults/photos/archives HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
    for (auto const& [name, value] : hash_fields("12345")) head += name + ": " + value + "\r\n";
    client.send(head + "x-amz-glacier-version: 2012-06-01\r\nContent-Length: 5\r\n\r\n");
    CHECK(client.read_reply().status == 100);
    client.send("12345");
    auto const archive = client.read_reply().field("x-amz-archive-id").value();
    auto const reply = output("photos", retrieve(archive));
    CHECK(reply.field("Content-Length") == "5");
    CHECK_FALSE(reply.field("Transfer-Encoding"));
}

TEST_CASE_FIXTURE(Vault, "field trap: ids are in headers") {
    CHECK(try_upload("photos", "a photo").field("x-amz-archive-id").has_value());
    CHECK(try_initiate("photos", {{"Type", "inventory-retrieval"}}).field("x-amz-job-id").has_value());
    auto const upload = try_begin_upload();
    CHECK(upload.field("x-amz-multipart-upload-id").has_value());
    CHECK(call("POST", at("lock-policy"), policy_body()).field("x-amz-lock-id").has_value());
    CHECK(call("POST", "/-/provisioned-capacity").field("x-amz-capacity-id").has_value());
}
