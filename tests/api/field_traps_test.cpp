// What other local Glaciers got wrong, one test a trap, as far as the fifty numbered traps do not cover it.
#include <doctest/doctest.h>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";
constexpr char vault_path[] = "/-/vaults/photos";
constexpr char vault_arn[] = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";

std::string policy_body() {
    json const statement = {
        {"Effect", "Deny"}, {"Principal", "*"}, {"Action", "glacier:DeleteArchive"}, {"Resource", vault_arn}};
    return json{{"Policy", json{{"Statement", {statement}}}.dump()}}.dump();
}

struct Vault : Api {
    Vault() { create_vault("photos"); }

    std::string begin(std::string const& archive) {
        return initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
    }
    // A retrieval that is done.
    std::string retrieve(std::string const& archive) {
        auto job = begin(archive);
        advance(3s);
        return job;
    }
    std::string at(std::string const& rest) { return vault_path + ("/" + rest); }
    json list_jobs(std::string const& query = "") {
        return json::parse(call("GET", at("jobs") + query).body)["JobList"];
    }
};

}  // namespace

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

TEST_CASE_FIXTURE(Vault, "field trap: a flat hash does not pass for a tree hash") {
    auto const content = std::string(mebibyte, 'x') + "y";
    auto const linear = hash_fields(content)[0].second;
    CHECK(try_upload("photos", content, {{"x-amz-sha256-tree-hash", linear}}).status == 400);
    CHECK(try_upload("photos", content).field("x-amz-sha256-tree-hash") != linear);
}

TEST_CASE_FIXTURE(Vault, "field trap: the same content twice is two archives with two ids") {
    auto const first = upload("photos", "a photo");
    auto const second = upload("photos", "a photo");
    CHECK(first != second);
    CHECK(call("DELETE", at("archives/" + first)).status == 204);
    CHECK(output("photos", retrieve(second)).body == "a photo");
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

TEST_CASE_FIXTURE(Vault, "field trap: what is not ready is not 404") {
    auto const job = begin(upload("photos", "a photo"));
    CHECK(output("photos", job).status == 400);
    CHECK(call("GET", at("jobs/" + job)).status == 200);
}

TEST_CASE_FIXTURE(Vault, "field trap: a range is not ignored") {
    auto const job = retrieve(upload("photos", "0123456789"));
    auto const reply = output("photos", job, {{"Range", "bytes=2-4"}});
    CHECK(reply.status == 206);
    CHECK(reply.body == "234");
    CHECK(reply.field("Content-Range") == "bytes 2-4/10");
}

TEST_CASE_FIXTURE(Vault, "field trap: who asks for CSV gets CSV") {
    auto const archive = upload("photos", "12345");
    auto const job = initiate("photos", {{"Type", "inventory-retrieval"}, {"Format", "CSV"}});
    advance(2s);
    auto const reply = output("photos", job);
    CHECK(reply.field("Content-Type") == "text/csv");
    CHECK(reply.body.starts_with("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n" +
                                 archive));
}

TEST_CASE_FIXTURE(Vault, "field trap: ids are in headers") {
    CHECK(try_upload("photos", "a photo").field("x-amz-archive-id").has_value());
    CHECK(try_initiate("photos", {{"Type", "inventory-retrieval"}}).field("x-amz-job-id").has_value());
    auto const upload = call("POST", at("multipart-uploads"), {}, {{"x-amz-part-size", "1048576"}});
    CHECK(upload.field("x-amz-multipart-upload-id").has_value());
    CHECK(call("POST", at("lock-policy"), policy_body()).field("x-amz-lock-id").has_value());
    CHECK(call("POST", "/-/provisioned-capacity").field("x-amz-capacity-id").has_value());
}

TEST_CASE_FIXTURE(Vault, "field trap: a vault's settings are not wrapped, the data retrieval policy is") {
    call("PUT", at("access-policy"), policy_body());
    CHECK(json::parse(call("GET", at("access-policy")).body) == json::parse(policy_body()));
    auto const configuration = json{{"SNSTopic", "arn:aws:sns:us-east-1:000000000000:done"},
                                    {"Events", {"ArchiveRetrievalCompleted"}}};
    call("PUT", at("notification-configuration"), configuration.dump());
    CHECK(json::parse(call("GET", at("notification-configuration")).body) == configuration);
    CHECK(json::parse(call("GET", "/-/policies/data-retrieval").body)["Policy"]["Rules"].size() == 1);
}

TEST_CASE_FIXTURE(Vault, "field trap: a vault without a lock has no lock to get") {
    CHECK(error_text(call("GET", at("lock-policy"))).starts_with(not_found));
}

TEST_CASE_FIXTURE(Vault,
                  "field trap: jobs are sorted by their creation, not by id, and so after completion") {
    auto const archive = upload("photos", "a photo");
    std::vector<std::string> newest_first;
    for (int i = 0; i < 8; ++i) {
        json parameters = {{"Type", "archive-retrieval"}, {"ArchiveId", archive}};
        parameters["Tier"] = i % 2 == 0 ? "Bulk" : "Expedited";
        newest_first.insert(newest_first.begin(), initiate("photos", parameters));
        advance(100ms);
    }
    auto const ids = [&] {
        std::vector<std::string> listed;
        for (auto const& job : list_jobs()) listed.push_back(job["JobId"]);
        return listed;
    };
    CHECK(ids() == newest_first);
    advance(1s);
    CHECK(list_jobs("?completed=true").size() == 4);
    CHECK(ids() == newest_first);
}

TEST_CASE_FIXTURE(Vault, "field trap: without a limit a page is 10 vaults, or 50 jobs or uploads") {
    for (int i = 0; i < 10; ++i) create_vault("v" + std::to_string(i));
    for (int i = 0; i < 51; ++i) {
        initiate("photos", {{"Type", "inventory-retrieval"}});
        call("POST", at("multipart-uploads"), {}, {{"x-amz-part-size", "1048576"}});
    }
    CHECK(json::parse(call("GET", "/-/vaults").body)["VaultList"].size() == 10);
    CHECK(list_jobs().size() == 50);
    CHECK(json::parse(call("GET", at("multipart-uploads")).body)["UploadsList"].size() == 50);
}

TEST_CASE_FIXTURE(Vault,
                  "field trap: the hash of the archive is there at once, that of the range when it is done") {
    auto const job = begin(upload("photos", "a photo"));
    CHECK(describe_job("photos", job)["ArchiveSHA256TreeHash"] == tree_hash("a photo"));
    CHECK(describe_job("photos", job)["SHA256TreeHash"].is_null());
    advance(3s);
    CHECK(describe_job("photos", job)["SHA256TreeHash"] == tree_hash("a photo"));
}

TEST_CASE_FIXTURE(Vault, "field trap: an output carries the archive's description") {
    auto const described = upload("photos", "a photo", {{"x-amz-archive-description", "my holiday"}});
    CHECK(output("photos", retrieve(described)).field("x-amz-archive-description") == "my holiday");
    CHECK_FALSE(output("photos", retrieve(upload("photos", "x"))).field("x-amz-archive-description"));
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

TEST_CASE_FIXTURE(Vault, "field trap: a POST of tags does what its operation says, whatever the body holds") {
    auto const body = R"({"Tags":{"a":"b"},"TagKeys":["a"]})";
    CHECK(call("POST", at("tags?operation=add"), body).status == 204);
    CHECK(call("GET", at("tags")).body == R"({"Tags":{"a":"b"}})");
    CHECK(call("POST", at("tags?operation=remove"), body).status == 204);
    CHECK(call("GET", at("tags")).body == R"({"Tags":{}})");
    CHECK(call("POST", at("tags"), body).status == 400);
}

TEST_CASE_FIXTURE(Vault, "field trap: a vault of one region is not seen in another") {
    auto const elsewhere = signed_by("AKIDEXAMPLE", "eu-west-1");
    CHECK(call("GET", vault_path, {}, elsewhere).status == 404);
    CHECK(call("GET", "/-/vaults", {}, elsewhere).body == R"({"Marker":null,"VaultList":[]})");
    CHECK(call("GET", vault_path, {}, signed_by("AKIDEXAMPLE")).status == 200);
}

TEST_CASE_FIXTURE(Vault, "field trap: a job for an archive of another vault is an invalid vault name") {
    create_vault("other");
    auto const archive = upload("other", "a photo");
    CHECK(error_text(try_initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}})) ==
          std::string("400 InvalidParameterValueException: Invalid vault name: ") + vault_arn);
    CHECK(list_jobs().empty());
}

TEST_CASE_FIXTURE(Vault, "field trap: an impossible vault name is not found under itself") {
    for (std::string const rest : {"", "/jobs", "/tags", "/lock-policy", "/multipart-uploads"}) {
        CAPTURE(rest);
        CHECK(error_text(call("GET", "/-/vaults/testz%3Az" + rest)) ==
              not_found + std::string("Vault not found for ARN: testz:z"));
    }
}

TEST_CASE_FIXTURE(Vault, "field trap: a locked vault still takes what its policy does not deny") {
    auto const id = call("POST", at("lock-policy"), policy_body()).field("x-amz-lock-id").value();
    CHECK(call("POST", at("lock-policy/" + id)).status == 204);
    CHECK(try_upload("photos", "a photo").status == 201);
    CHECK(call("POST", at("tags?operation=add"), R"({"Tags":{"a":"b"}})").status == 204);
}

TEST_CASE_FIXTURE(Vault, "field trap: deleting an archive does not kill a finished retrieval") {
    auto const archive = upload("photos", std::string(100'000, 'x'));
    auto const job = retrieve(archive);
    CHECK(call("DELETE", at("archives/" + archive)).status == 204);
    advance(1h);
    CHECK(describe_job("photos", job)["StatusCode"] == "Succeeded");
    CHECK(output("photos", job).body == std::string(100'000, 'x'));
}
