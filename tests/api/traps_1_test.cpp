// What a naive Glacier gets wrong, one test a trap: 1 to 24. Trap 38 (a lock policy acts while it is in
// progress) and trap 50 (two topics, two notifications) have no test: policies are not enforced and
// notifications not delivered yet.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char vault_path[] = "/-/vaults/photos";
constexpr char vault_arn[] = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";
constexpr char uploads[] = "/-/vaults/photos/multipart-uploads";

firn::Config with_daily_inventories() {
    auto config = test_config();
    config.inventory = "daily";
    return config;
}

struct Vault : Api {
    explicit Vault(firn::Config config = test_config()) : Api(std::move(config)) { create_vault("photos"); }

    json describe() { return json::parse(call("GET", vault_path).body); }
    std::string retrieve(std::string const& archive) {
        auto job = initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
        advance(3s);
        return job;
    }
    std::string inventory(std::string const& format = "JSON") {
        auto const job = initiate("photos", {{"Type", "inventory-retrieval"}, {"Format", format}});
        advance(2s);
        return output("photos", job).body;
    }
    std::string begin_upload() {
        return call("POST", uploads, {}, {{"x-amz-part-size", std::to_string(mebibyte)}})
            .field("x-amz-multipart-upload-id")
            .value();
    }
    RawReply put_part(std::string const& id, std::string const& part, std::size_t first = 0) {
        auto fields = hash_fields(part);
        fields.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                 std::to_string(first + part.size() - 1) + "/*");
        return call("PUT", uploads + ("/" + id), part, fields);
    }
    RawReply complete_upload(std::string const& id, std::size_t size, std::string const& hash) {
        return call("POST", uploads + ("/" + id), {},
                    {{"x-amz-archive-size", std::to_string(size)}, {"x-amz-sha256-tree-hash", hash}});
    }
};

struct DailyVault : Vault {
    DailyVault() : Vault(with_daily_inventories()) {}
};

}  // namespace

TEST_CASE_FIXTURE(Vault, "trap 1: a job is 202, a creation 201, a part 204") {
    CHECK(call("PUT", "/-/vaults/new").status == 201);
    CHECK(try_upload("photos", "a photo").status == 201);
    CHECK(try_initiate("photos", {{"Type", "inventory-retrieval"}}).status == 202);
    CHECK(call("POST", uploads, {}, {{"x-amz-part-size", "1048576"}}).status == 201);
    auto const id = begin_upload();
    CHECK(put_part(id, "12345").status == 204);
    CHECK(complete_upload(id, 5, tree_hash("12345")).status == 201);
    CHECK(call("POST", "/-/provisioned-capacity").status == 201);
}

TEST_CASE_FIXTURE(Vault, "trap 2: creating a vault that exists is 201, not 409") {
    CHECK(call("PUT", vault_path).status == 201);
    CHECK(call("PUT", vault_path).field("Location") == "/000000000000/vaults/photos");
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
                              try_initiate("photos", {{"Type", "inventory-retrieval"}}),
                              call("POST", uploads, {}, {{"x-amz-part-size", "1048576"}}),
                              complete_upload(id, 5, tree_hash("12345"))}) {
        CHECK(reply.field("Location").value().starts_with("/000000000000/vaults/photos"));
    }
}

TEST_CASE_FIXTURE(Vault, "trap 5: an error is code, message and type, and no header names it") {
    auto const reply = call("GET", "/-/vaults/nope");
    CHECK(reply.body == R"({"code":"ResourceNotFoundException","message":"Vault not found for ARN: )"
                        R"(arn:aws:glacier:us-east-1:000000000000:vaults/nope","type":"Client"})");
    CHECK_FALSE(reply.field("x-amzn-ErrorType"));
}

TEST_CASE_FIXTURE(Vault, "trap 6: application/json comes without a charset") {
    for (std::string const target : {"/-/vaults", "/-/vaults/nope", "/-/vaults/photos/multipart-uploads",
                                     "/-/vaults/photos/tags", "/-/policies/data-retrieval"}) {
        CHECK(call("GET", target).field("Content-Type") == "application/json");
    }
}

TEST_CASE_FIXTURE(Vault, "trap 7: a range past the end is 400, not 416") {
    auto const job = retrieve(upload("photos", "12345"));
    CHECK(error_text(output("photos", job, {{"Range", "bytes=5-9"}})) ==
          "400 InvalidParameterValueException: The start of the range is larger than size of retrieved "
          "data: bytes=5-9");
}

TEST_CASE_FIXTURE(Vault, "trap 8: a malformed range is ignored") {
    auto const job = retrieve(upload("photos", "12345"));
    for (std::string const range : {"bytes 0-1/5", "0-1", "bytes=x"}) {
        auto const reply = output("photos", job, {{"Range", range}});
        CHECK(reply.status == 200);
        CHECK(reply.body == "12345");
    }
}

TEST_CASE_FIXTURE(Vault, "trap 9: a wrong tree hash on completion is invalid, not a mismatch") {
    auto const id = begin_upload();
    put_part(id, "12345");
    auto const wrong = std::string(64, '0');
    CHECK(error_text(complete_upload(id, 5, wrong)) ==
          "400 InvalidParameterValueException: Invalid x-amz-sha256-tree-hash: " + wrong);
    CHECK(error_text(try_upload("photos", "12345", {{"x-amz-sha256-tree-hash", wrong}}))
              .starts_with("400 InvalidParameterValueException: Checksum mismatch: "));
}

TEST_CASE_FIXTURE(Vault, "trap 10: an empty archive is refused") {
    CHECK(error_text(try_upload("photos", "")) ==
          "400 InvalidParameterValueException: Invalid Content-Length: 0");
    CHECK(describe()["NumberOfArchives"] == 0);
}

TEST_CASE_FIXTURE(Vault, "trap 11: a short inner part is accepted at upload and refused at completion") {
    auto const id = begin_upload();
    CHECK(put_part(id, "short").status == 204);
    CHECK(put_part(id, "last", mebibyte).status == 204);
    auto const content = "short" + std::string(mebibyte - 5, '\0') + "last";
    CHECK(complete_upload(id, content.size(), tree_hash(content)).status == 400);
    CHECK(complete_upload(id, 9, tree_hash("shortlast")).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 12: parts that cover the size must also combine to the tree hash") {
    auto const content = std::string(mebibyte, 'a') + std::string(mebibyte, 'b') + "c";
    auto const id = begin_upload();
    // The first two swapped: same size, same bytes, another order.
    put_part(id, content.substr(mebibyte, mebibyte), 0);
    put_part(id, content.substr(0, mebibyte), mebibyte);
    put_part(id, "c", 2 * mebibyte);
    CHECK(complete_upload(id, content.size(), tree_hash(content)).status == 400);
    put_part(id, content.substr(0, mebibyte), 0);
    put_part(id, content.substr(mebibyte, mebibyte), mebibyte);
    CHECK(complete_upload(id, content.size(), tree_hash(content)).status == 201);
}

TEST_CASE_FIXTURE(Vault, "trap 13: parts are byte ranges, with neither ETag nor number") {
    auto const id = begin_upload();
    auto const reply = put_part(id, "12345", 7 * mebibyte);
    CHECK_FALSE(reply.field("ETag"));
    auto const parts = json::parse(call("GET", uploads + ("/" + id)).body)["Parts"];
    CHECK(parts ==
          json::array({{{"RangeInBytes", "7340032-7340036"}, {"SHA256TreeHash", tree_hash("12345")}}}));
    CHECK(call("PUT", uploads + ("/" + id) + "?partNumber=1", "12345", hash_fields("12345")).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 14: the limit of 10000 parts is one of position") {
    auto const id = begin_upload();
    CHECK(
        error_text(put_part(id, "12345", 10'000 * mebibyte)) ==
        "400 InvalidParameterValueException: This is part number 10001 for the current multipart upload. It "
        "exceeds the limit of 10000 parts.");
    CHECK(put_part(id, "12345", 9'999 * mebibyte).status == 204);
}

TEST_CASE_FIXTURE(Vault, "trap 15: the content hash is linear, the other a tree") {
    auto const content = std::string(mebibyte, 'x') + "y";
    auto const fields = hash_fields(content);
    REQUIRE(fields[0].second != fields[1].second);
    CHECK(try_upload("photos", content).status == 201);
    CHECK(try_upload("photos", content, {{"x-amz-content-sha256", fields[1].second}}).status == 403);
    CHECK(try_upload("photos", content, {{"x-amz-sha256-tree-hash", fields[0].second}}).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 16: a tree hash is over binary hashes, and an odd one goes up unchanged") {
    // Computed by another implementation.
    auto const reply = try_upload("photos", std::string(2 * mebibyte + mebibyte / 2, '0'));
    CHECK(reply.field("x-amz-sha256-tree-hash") ==
          "86118ad0c187fd240db59a37360e0e7f8a3a0c608eed740b4cd7b4271ab45171");
}

TEST_CASE_FIXTURE(DailyVault, "trap 17: counters are those of the last inventory, not the live ones") {
    upload("photos", "12345");
    CHECK(describe()["NumberOfArchives"] == 0);
    CHECK(describe()["SizeInBytes"] == 0);
    advance(24h);
    upload("photos", "67890");
    CHECK(describe()["NumberOfArchives"] == 1);
    CHECK(json::parse(call("GET", "/-/vaults").body)["VaultList"][0]["NumberOfArchives"] == 1);
    advance(24h);
    CHECK(describe()["NumberOfArchives"] == 2);
}

TEST_CASE_FIXTURE(Vault, "trap 18: an archive adds 32 KiB to SizeInBytes") {
    upload("photos", "12345");
    upload("photos", "678");
    CHECK(describe()["SizeInBytes"] == 2 * 32'768 + 8);
}

TEST_CASE_FIXTURE(DailyVault, "trap 19: an emptied vault stays until an inventory has seen it empty") {
    auto const archive = upload("photos", "a photo");
    CHECK(describe()["NumberOfArchives"] == 0);
    CHECK(error_text(call("DELETE", vault_path)) ==
          std::string("400 InvalidParameterValueException: Vault not empty or recently written to: ") +
              vault_arn);
    advance(24h);
    call("DELETE", vault_path + ("/archives/" + archive));
    CHECK(call("DELETE", vault_path).status == 400);
    advance(24h);
    CHECK(call("DELETE", vault_path).status == 204);
}

TEST_CASE_FIXTURE(DailyVault, "trap 20: a vault that was never written to can be deleted at once") {
    CHECK(call("DELETE", vault_path).status == 204);
    CHECK(call("GET", vault_path).status == 404);
}

TEST_CASE_FIXTURE(DailyVault, "trap 21: an inventory is the last daily one, and before the first is 404") {
    auto const request = json{{"Type", "inventory-retrieval"}};
    auto const refusal =
        std::string("404 ResourceNotFoundException: Inventory retrieval jobs for vault ") + vault_arn +
        " cannot be initiated yet, as Amazon Glacier has not yet generated an initial inventory for this "
        "vault.";
    CHECK(error_text(try_initiate("photos", request)) == refusal);
    auto const archive = upload("photos", "a photo");
    CHECK(error_text(try_initiate("photos", request)) == refusal);
    advance(36h);
    upload("photos", "a new photo");
    auto const list = json::parse(inventory())["ArchiveList"];
    REQUIRE(list.size() == 1);
    CHECK(list[0]["ArchiveId"] == archive);
}

TEST_CASE_FIXTURE(Vault, "trap 22: an inventory is compact, in seconds, and without null") {
    upload("photos", "12345");
    auto const text = inventory();
    CHECK(text.find_first_of(" \n\t") == text.npos);
    CHECK(std::regex_search(text, std::regex(R"("InventoryDate":"[0-9-]{10}T[0-9:]{8}Z")")));
    CHECK(std::regex_search(text,
                            std::regex(R"("ArchiveDescription":"","CreationDate":"[0-9-]{10}T[0-9:]{8}Z")")));
    CHECK(text.find("null") == text.npos);
}

TEST_CASE_FIXTURE(Vault, "trap 23: InventorySizeInBytes is the length of the output") {
    upload("photos", "12345", {{"x-amz-archive-description", R"(a "photo")"}});
    for (std::string const format : {"JSON", "CSV"}) {
        auto const job = initiate("photos", {{"Type", "inventory-retrieval"}, {"Format", format}});
        advance(2s);
        CHECK(describe_job("photos", job)["InventorySizeInBytes"] == output("photos", job).body.size());
    }
}

TEST_CASE_FIXTURE(Vault, "trap 24: a quote in CSV is escaped by a backslash, not doubled") {
    upload("photos", "12345", {{"x-amz-archive-description", R"(say "hi" now)"}});
    auto const text = inventory("CSV");
    CHECK(text.find(R"(,"say \"hi\" now",)") != text.npos);
    CHECK(text.find(R"("")") == text.npos);
}
