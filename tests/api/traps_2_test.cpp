// What a naive Glacier gets wrong, one test a trap: 25 to 49. Trap 38 (a lock policy acts while it is in
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
constexpr char jobs[] = "/-/vaults/photos/jobs";
constexpr char lock_policy[] = "/-/vaults/photos/lock-policy";
constexpr char version_line[] = "x-amz-glacier-version: 2012-06-01\r\n";

std::string policy_text(std::string const& action = "glacier:DeleteArchive") {
    json const statement = {
        {"Effect", "Deny"}, {"Principal", "*"}, {"Action", action}, {"Resource", vault_arn}};
    return json{{"Version", "2012-10-17"}, {"Statement", {statement}}}.dump();
}

struct Vault : Api {
    Vault() { create_vault("photos"); }

    // A retrieval that is done.
    std::string retrieve(std::string const& archive, json parameters = json::object()) {
        parameters.update({{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
        auto job = initiate("photos", parameters);
        advance(3s);
        return job;
    }
    RawReply begin_upload() {
        return call("POST", "/-/vaults/photos/multipart-uploads", {}, {{"x-amz-part-size", "1048576"}});
    }
    std::string upload_part() {
        auto id = begin_upload().field("x-amz-multipart-upload-id").value();
        auto fields = hash_fields("12345");
        fields.emplace_back("Content-Range", "bytes 0-4/*");
        CHECK(call("PUT", "/-/vaults/photos/multipart-uploads/" + id, "12345", fields).status == 204);
        return id;
    }
    RawReply complete_upload(std::string const& id, std::string const& hash = tree_hash("12345")) {
        return call("POST", "/-/vaults/photos/multipart-uploads/" + id, {},
                    {{"x-amz-archive-size", "5"}, {"x-amz-sha256-tree-hash", hash}});
    }
    RawReply lock(std::string const& policy = policy_text()) {
        return call("POST", lock_policy, json{{"Policy", policy}}.dump());
    }
    RawReply set_rule(json const& rule) {
        return call("PUT", "/-/policies/data-retrieval",
                    json{{"Policy", {{"Rules", json::array({rule})}}}}.dump());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Vault, "trap 25: a tree hash comes only with an aligned range of an archive") {
    auto const job = retrieve(upload("photos", std::string(3 * mebibyte, 'x')));
    auto const has_hash = [&](std::string const& range) {
        return output("photos", job, {{"Range", range}}).field("x-amz-sha256-tree-hash").has_value();
    };
    CHECK(output("photos", job).field("x-amz-sha256-tree-hash").has_value());
    CHECK(has_hash("bytes=0-2097151"));
    CHECK_FALSE(has_hash("bytes=1048576-3145727"));
    CHECK_FALSE(has_hash("bytes=0-99"));
    auto const inventory = initiate("photos", {{"Type", "inventory-retrieval"}});
    advance(2s);
    CHECK_FALSE(output("photos", inventory).field("x-amz-sha256-tree-hash"));
}

TEST_CASE_FIXTURE(Vault, "trap 26: a range is one of the job's output, not of the archive") {
    auto const content = std::string(mebibyte, 'a') + std::string(mebibyte, 'b');
    auto const job = retrieve(upload("photos", content), {{"RetrievalByteRange", "1048576-2097151"}});
    auto const reply = output("photos", job, {{"Range", "bytes=0-9"}});
    CHECK(reply.body == "bbbbbbbbbb");
    CHECK(reply.field("Content-Range") == "bytes 0-9/1048576");
    CHECK(output("photos", job, {{"Range", "bytes=1048576-"}}).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 27: a job is described by its Action, not its Type") {
    auto const retrieval = describe_job("photos", retrieve(upload("photos", "a photo")));
    CHECK(retrieval["Action"] == "ArchiveRetrieval");
    CHECK_FALSE(retrieval.contains("Type"));
    auto const inventory = describe_job("photos", initiate("photos", {{"Type", "inventory-retrieval"}}));
    CHECK(inventory["Action"] == "InventoryRetrieval");
}

TEST_CASE_FIXTURE(Vault, "trap 28: the output of an unfinished job is 400, not 404") {
    auto const job = initiate("photos", {{"Type", "inventory-retrieval"}});
    CHECK(error_text(output("photos", job)) ==
          "400 InvalidParameterValueException: The job is not currently available for download: " + job);
}

TEST_CASE_FIXTURE(Vault, "trap 29: a job stays for a day, however often it is read, and no longer") {
    auto const job = retrieve(upload("photos", "a photo"));
    CHECK(output("photos", job).status == 200);
    CHECK(output("photos", job).status == 200);
    advance(24h - 1ms);
    CHECK(output("photos", job).body == "a photo");
    advance(1ms);
    CHECK(error_text(output("photos", job)) ==
          "404 ResourceNotFoundException: The job ID was not found: " + job);
    CHECK(call("GET", jobs).body == R"({"JobList":[],"Marker":null})");
}

TEST_CASE_FIXTURE(Vault, "trap 30: no Content-Type is needed, and none makes a form of an archive") {
    for (std::string const type : {"", "application/x-www-form-urlencoded", "multipart/form-data"}) {
        RawFields fields;
        if (!type.empty()) fields.emplace_back("Content-Type", type);
        auto const archive = upload("photos", "a=b&c=%20", fields);
        CHECK(output("photos", retrieve(archive)).body == "a=b&c=%20");
        CHECK(call("POST", "/-/vaults/photos/tags?operation=add", R"({"Tags":{"a":"b"}})", fields).status ==
              204);
    }
}

TEST_CASE_FIXTURE(Vault, "trap 31: a limit that is too large is clamped to 10 vaults or 50 of the rest") {
    for (int i = 0; i < 10; ++i) create_vault("v" + std::to_string(i));
    CHECK(json::parse(call("GET", "/-/vaults?limit=1000").body)["VaultList"].size() == 10);
    for (int i = 0; i < 51; ++i) {
        begin_upload();
        initiate("photos", {{"Type", "inventory-retrieval"}});
    }
    CHECK(json::parse(call("GET", std::string(jobs) + "?limit=1000").body)["JobList"].size() == 50);
    CHECK(
        json::parse(call("GET", "/-/vaults/photos/multipart-uploads?limit=51").body)["UploadsList"].size() ==
        50);
    CHECK(call("GET", "/-/vaults/photos/multipart-uploads/" + upload_part() + "?limit=1000").status == 200);
}

TEST_CASE_FIXTURE(Vault, "trap 32: Limit of an inventory is a string, sizes and counts are numbers") {
    upload("photos", "12345");
    auto const job = initiate(
        "photos", {{"Type", "inventory-retrieval"}, {"InventoryRetrievalParameters", {{"Limit", "7"}}}});
    CHECK(describe_job("photos", job)["InventoryRetrievalParameters"]["Limit"] == "7");
    advance(2s);
    CHECK(json::parse(output("photos", job).body)["ArchiveList"][0]["Size"] == 5);
    CHECK(json::parse(call("GET", vault_path).body)["NumberOfArchives"] == 1);
    auto const id = upload_part();
    CHECK(json::parse(call("GET", "/-/vaults/photos/multipart-uploads/" + id).body)["PartSizeInBytes"] ==
          mebibyte);
    set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", 7}});
    auto const policy = json::parse(call("GET", "/-/policies/data-retrieval").body)["Policy"];
    CHECK(policy["Rules"][0]["BytesPerHour"] == 7);
}

TEST_CASE_FIXTURE(Vault, "trap 33: the marker of a last page is null, not an empty string") {
    auto const id = upload_part();
    for (auto const& target :
         {std::string("/-/vaults"), std::string(jobs), std::string("/-/vaults/photos/multipart-uploads"),
          "/-/vaults/photos/multipart-uploads/" + id}) {
        CAPTURE(target);
        auto const page = json::parse(call("GET", target).body);
        REQUIRE(page.contains("Marker"));
        CHECK(page["Marker"].is_null());
    }
}

TEST_CASE_FIXTURE(Vault, "trap 34: a completion that fails does not lose the upload") {
    auto const id = upload_part();
    CHECK(complete_upload(id, std::string(64, '0')).status == 400);
    CHECK(json::parse(call("GET", "/-/vaults/photos/multipart-uploads/" + id).body)["Parts"].size() == 1);
    CHECK(complete_upload(id).status == 201);
}

TEST_CASE_FIXTURE(Vault, "trap 35: completing again is 201 with the same archive") {
    auto const id = upload_part();
    auto const archive = complete_upload(id).field("x-amz-archive-id").value();
    auto const again = complete_upload(id);
    CHECK(again.status == 201);
    CHECK(again.field("x-amz-archive-id") == archive);
    CHECK(json::parse(call("GET", vault_path).body)["NumberOfArchives"] == 1);
}

TEST_CASE_FIXTURE(Vault, "trap 36: deleting what was deleted is 204") {
    auto const archive = "/-/vaults/photos/archives/" + upload("photos", "a photo");
    CHECK(call("PUT", "/-/vaults/photos/access-policy", json{{"Policy", policy_text()}}.dump()).status ==
          204);
    for (auto const& target : {archive, std::string("/-/vaults/photos/access-policy"),
                               std::string("/-/vaults/photos/notification-configuration")}) {
        CAPTURE(target);
        CHECK(call("DELETE", target).status == 204);
        CHECK(call("DELETE", target).status == 204);
    }
}

TEST_CASE_FIXTURE(Vault, "trap 37: a policy is a string in JSON, not an object") {
    call("PUT", "/-/vaults/photos/access-policy", json{{"Policy", policy_text()}}.dump());
    lock();
    for (std::string const target : {"/-/vaults/photos/access-policy", "/-/vaults/photos/lock-policy"}) {
        auto const policy = json::parse(call("GET", target).body)["Policy"];
        REQUIRE(policy.is_string());
        CHECK(policy == policy_text());
    }
}

TEST_CASE_FIXTURE(Vault, "trap 39: a lock in progress cannot be replaced") {
    auto const id = lock().field("x-amz-lock-id").value();
    CHECK(error_text(lock(policy_text("glacier:*"))).starts_with("403 AccessDeniedException: "));
    CHECK(json::parse(call("GET", lock_policy).body)["Policy"] == policy_text());
    CHECK(call("POST", lock_policy + ("/" + id)).status == 204);
}

TEST_CASE_FIXTURE(Vault, "trap 40: a wrong lock id is invalid in progress and denied when locked") {
    auto const right = lock_policy + ("/" + lock().field("x-amz-lock-id").value());
    auto const wrong = std::string(lock_policy) + "/AAAAAAAAAAAAAAAAAAAAAAAA";
    CHECK(error_text(call("POST", wrong)).starts_with("400 InvalidParameterValueException: "));
    CHECK(call("POST", right).status == 204);
    CHECK(error_text(call("POST", wrong)).starts_with("403 AccessDeniedException: "));
}

TEST_CASE_FIXTURE(Vault, "trap 41: ids are as long as real ones, and may begin with a dash") {
    auto const is_id = [](std::optional<std::string> const& id, std::size_t length) {
        static std::regex const letters("[A-Za-z0-9_-]*");
        return id && id->size() == length && std::regex_match(*id, letters);
    };
    CHECK(is_id(try_upload("photos", "x").field("x-amz-archive-id"), 138));
    CHECK(is_id(lock().field("x-amz-lock-id"), 24));
    CHECK(is_id(call("POST", "/-/provisioned-capacity").field("x-amz-capacity-id"), 24));
    CHECK(is_id(try_initiate("photos", {{"Type", "inventory-retrieval"}}).field("x-amz-job-id"), 92));
    bool with_dash = false;
    for (int i = 0; i < 1000 && !with_dash; ++i) {
        auto const id = begin_upload().field("x-amz-multipart-upload-id");
        REQUIRE(is_id(id, 92));
        with_dash = id->starts_with('-');
    }
    CHECK(with_dash);
}

TEST_CASE_FIXTURE(Vault, "trap 42: the parameters of a job are not wrapped") {
    CHECK(try_initiate("photos", {{"Type", "inventory-retrieval"}}).status == 202);
    auto const job = json::parse(call("GET", jobs).body)["JobList"][0];
    CHECK(json::parse(call("GET", jobs + ("/" + job["JobId"].get<std::string>())).body) == job);
}

TEST_CASE_FIXTURE(Vault, "trap 43: an empty body lacks the parameters, an empty object the type") {
    auto const missing = std::string("400 MissingParameterValueException: Required parameter missing: ");
    CHECK(error_text(call("POST", jobs)) == missing + "Job Parameters");
    CHECK(error_text(call("POST", jobs, "{}")) == missing + "type");
}

TEST_CASE_FIXTURE(Vault, "trap 44: BytesPerHour belongs to its strategy alone") {
    for (std::string const strategy : {"FreeTier", "None"}) {
        CHECK(set_rule({{"Strategy", strategy}}).status == 204);
        CHECK(set_rule({{"Strategy", strategy}, {"BytesPerHour", 7}}).status == 400);
    }
    CHECK(set_rule({{"Strategy", "BytesPerHour"}}).status == 400);
    CHECK(set_rule({{"Strategy", "BytesPerHour"}, {"BytesPerHour", 7}}).status == 204);
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

TEST_CASE_FIXTURE(Vault, "trap 46: a large upload that is refused gets its error, not a reset") {
    CHECK(error_text(try_upload("nope", std::string(16 * mebibyte, 'x'))).starts_with("404 "));
}

TEST_CASE_FIXTURE(Vault, "trap 47: 100-continue is answered at once, and an output tells its length") {
    RawClient client(app().port());
    std::string head = "POST /-/vaults/photos/archives HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
    for (auto const& [name, value] : hash_fields("12345")) head += name + ": " + value + "\r\n";
    client.send(head + version_line + "Content-Length: 5\r\n\r\n");
    CHECK(client.read_reply().status == 100);
    client.send("12345");
    auto const archive = client.read_reply().field("x-amz-archive-id").value();
    auto const reply = output("photos", retrieve(archive));
    CHECK(reply.field("Content-Length") == "5");
    CHECK_FALSE(reply.field("Transfer-Encoding"));
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
