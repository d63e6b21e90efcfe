// Jobs: accepted, described, listed and refused.
#include <doctest/doctest.h>

#include <map>
#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE_FIXTURE(Vault, "a retrieval is accepted, runs, succeeds on time and gives the bytes back") {
    auto const content = content_of(3 * mebibyte + 5);
    auto const archive = upload("photos", content, {{"x-amz-archive-description", "holiday"}});
    auto parameters = retrieval_of(archive);
    parameters["Description"] = "get it";
    parameters["SNSTopic"] = "arn:aws:sns:us-east-1:000000000000:done";
    auto const accepted = try_initiate("photos", parameters);
    CHECK(accepted.status == 202);
    auto const job = accepted.field("x-amz-job-id").value();
    CHECK(std::regex_match(job, std::regex("[A-Za-z0-9_-]{92}")));
    CHECK(accepted.field("Location") == "/000000000000/vaults/photos/jobs/" + job);

    auto const running = describe_job("photos", job);
    CHECK(running["Action"] == "ArchiveRetrieval");
    CHECK(running["StatusCode"] == "InProgress");
    CHECK(running["Completed"] == false);
    CHECK(running["CompletionDate"].is_null());
    CHECK(running["ArchiveSHA256TreeHash"] == tree_hash(content));
    CHECK(running["ArchiveSizeInBytes"] == content.size());
    CHECK(running["JobDescription"] == "get it");
    CHECK(running["SNSTopic"] == "arn:aws:sns:us-east-1:000000000000:done");
    CHECK(running["Tier"] == "Standard");
    CHECK(running["RetrievalByteRange"] == "0-" + std::to_string(content.size() - 1));
    CHECK(running["VaultARN"] == "arn:aws:glacier:us-east-1:000000000000:vaults/photos");
    CHECK(running["InventoryRetrievalParameters"].is_null());
    CHECK(running["SHA256TreeHash"] == tree_hash(content));
    CHECK(error_text(output("photos", job)) ==
          "400 InvalidParameterValueException: The job is not currently available for download: " + job);

    advance(2999ms);
    CHECK(describe_job("photos", job)["StatusCode"] == "InProgress");
    advance(1ms);
    auto const finished = describe_job("photos", job);
    CHECK(finished["StatusCode"] == "Succeeded");
    CHECK(finished["StatusMessage"] == "Succeeded");
    CHECK(finished["Completed"] == true);
    CHECK(finished["SHA256TreeHash"] == tree_hash(content));
    auto const reply = output("photos", job);
    CHECK(reply.status == 200);
    CHECK(reply.body == content);
    CHECK(reply.field("Content-Type") == "application/octet-stream");
    CHECK(reply.field("Accept-Ranges") == "bytes");
    CHECK(reply.field("x-amz-archive-description") == "holiday");
    CHECK(reply.field("x-amz-sha256-tree-hash") == tree_hash(content));
    CHECK(output("photos", job).body == content);
}

TEST_CASE_FIXTURE(Vault, "each tier takes its own time") {
    auto const archive = upload("photos", "a photo");
    std::map<std::string, std::string> jobs;
    for (std::string const tier : {"Expedited", "Standard", "Bulk"}) {
        auto parameters = retrieval_of(archive);
        parameters["Tier"] = tier;
        jobs[tier] = initiate("photos", parameters);
        CHECK(describe_job("photos", jobs[tier])["Tier"] == tier);
    }
    auto const succeeded = [&] {
        std::string names;
        for (auto const& [tier, job] : jobs) {
            if (describe_job("photos", job)["Completed"] == true) names += tier + " ";
        }
        return names;
    };
    advance(1s);
    CHECK(succeeded() == "Expedited ");
    advance(2s);
    CHECK(succeeded() == "Expedited Standard ");
    advance(2s);
    CHECK(succeeded() == "Bulk Expedited Standard ");
}

TEST_CASE_FIXTURE(Vault, "keys of a job description are in alphabetical order") {
    auto const job = initiate("photos", retrieval_of(upload("photos", "a photo")));
    auto const text = call("GET", "/-/vaults/photos/jobs/" + job).body;
    auto const ordered = nlohmann::ordered_json::parse(text);
    CHECK(ordered.dump() == json::parse(text).dump());
    CHECK(text.starts_with(R"({"Action":"ArchiveRetrieval","ArchiveId":")"));
}

TEST_CASE_FIXTURE(Vault, "a retrieval range is aligned to MiB or refused") {
    auto const archive = upload("photos", content_of(2 * mebibyte + 7));
    for (std::string const range : {"0-100", "1-1048575", "0-2097158000", "1048576-0", "x", "0", "0-", "-1",
                                    "0-18446744073709551616"}) {
        CAPTURE(range);
        auto parameters = retrieval_of(archive);
        parameters["RetrievalByteRange"] = range;
        CHECK(error_text(try_initiate("photos", parameters)) ==
              "400 InvalidParameterValueException: Invalid retrieval byte range: " + range);
    }
}

TEST_CASE_FIXTURE(Vault, "an empty body, an empty object and a wrong type are three different errors") {
    auto const post = [&](std::string const& body) {
        return error_text(call("POST", "/-/vaults/photos/jobs", body));
    };
    CHECK(post("") == "400 MissingParameterValueException: Required parameter missing: Job Parameters");
    CHECK(post("{}") == "400 MissingParameterValueException: Required parameter missing: type");
    CHECK(post(R"({"Type":5})") == "400 SerializationException: SerializationException");
    CHECK(post("{") == "400 SerializationException: SerializationException");
    CHECK(call("POST", "/-/vaults/photos/jobs", "[]").body ==
          R"({"code":"SerializationException","type":"Client","message":"SerializationException"})");
    CHECK(post(R"({"Type":"banana"})").starts_with("400 InvalidParameterValueException"));
    CHECK(post(R"({"Type":"select"})").starts_with("400 InvalidParameterValueException"));
}

TEST_CASE_FIXTURE(Vault, "a retrieval of an unknown or deleted archive is refused") {
    auto const archive = upload("photos", "a photo");
    call("DELETE", "/-/vaults/photos/archives/" + archive);
    CHECK(error_text(try_initiate("photos", retrieval_of("unknown")))
              .starts_with("404 ResourceNotFoundException"));
    CHECK(error_text(try_initiate("photos", retrieval_of(archive)))
              .starts_with("404 ResourceNotFoundException"));
}

TEST_CASE_FIXTURE(Vault, "jobs are listed newest first, filtered and paged") {
    auto const archive = upload("photos", "a photo");
    CHECK(call("GET", "/-/vaults/photos/jobs").body == R"({"JobList":[],"Marker":null})");
    std::vector<std::string> ids;
    for (int i = 0; i < 60; ++i) ids.push_back(initiate("photos", retrieval_of(archive)));
    advance(3s);
    ids.push_back(initiate("photos", retrieval_of(archive)));

    auto const list = [&](std::string const& query) {
        return json::parse(call("GET", "/-/vaults/photos/jobs" + query).body);
    };
    auto const page = list("?limit=1000");
    CHECK(page["JobList"].size() == 50);
    CHECK(page["JobList"][0]["JobId"] == ids.back());
    auto const rest = list("?marker=" + page["Marker"].get<std::string>());
    CHECK(rest["JobList"].size() == 11);
    CHECK(rest["Marker"].is_null());
    CHECK(rest["JobList"][10]["JobId"] == ids.front());
    CHECK(list("?statuscode=InProgress")["JobList"].size() == 1);
    CHECK(list("?completed=false")["JobList"][0]["JobId"] == ids.back());
    CHECK(list("?completed=true&limit=7")["JobList"].size() == 7);
    CHECK(list("?completed=true&statuscode=InProgress")["JobList"].empty());
    CHECK(list("?statuscode=Failed")["JobList"].empty());
    CHECK(error_text(call("GET", "/-/vaults/photos/jobs?statuscode=finished")) ==
          "400 InvalidParameterValueException: The job status code is not valid: finished");
    CHECK(call("GET", "/-/vaults/photos/jobs?completed=yes").status == 400);
    CHECK(call("GET", "/-/vaults/photos/jobs?marker=made-up").status == 400);
}

TEST_CASE_FIXTURE(Vault, "an unknown job is not found, and neither is one of another vault") {
    auto const job = initiate("photos", retrieval_of(upload("photos", "a photo")));
    create_vault("other");
    auto const expected = "404 ResourceNotFoundException: The job ID was not found: " + job;
    CHECK(error_text(call("GET", "/-/vaults/other/jobs/" + job)) == expected);
    CHECK(error_text(output("other", job)) == expected);
    CHECK(error_text(output("photos", "x")) == "404 ResourceNotFoundException: The job ID was not found: x");
}

TEST_CASE_FIXTURE(Vault, "trap 27: a job is described by its Action, not its Type") {
    auto const retrieval = describe_job("photos", retrieve(upload("photos", "a photo")));
    CHECK(retrieval["Action"] == "ArchiveRetrieval");
    CHECK_FALSE(retrieval.contains("Type"));
    auto const inventory = describe_job("photos", initiate("photos", {{"Type", "inventory-retrieval"}}));
    CHECK(inventory["Action"] == "InventoryRetrieval");
}

TEST_CASE_FIXTURE(Vault, "trap 42: the parameters of a job are not wrapped") {
    CHECK(try_initiate("photos", {{"Type", "inventory-retrieval"}}).status == 202);
    auto const job = json::parse(call("GET", at("jobs")).body)["JobList"][0];
    CHECK(json::parse(call("GET", at("jobs/" + job["JobId"].get<std::string>())).body) == job);
}

TEST_CASE_FIXTURE(Vault, "trap 43: an empty body lacks the parameters, an empty object the type") {
    auto const missing = std::string("400 MissingParameterValueException: Required parameter missing: ");
    CHECK(error_text(call("POST", at("jobs"))) == missing + "Job Parameters");
    CHECK(error_text(call("POST", at("jobs"), "{}")) == missing + "type");
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

TEST_CASE_FIXTURE(Vault, "field trap: the hashes of the archive and of the range are there at once") {
    auto const content = content_of(3 * mebibyte);
    auto const archive = upload("photos", content);
    for (auto const& [range, hash] : {std::pair("0-3145727", json(tree_hash(content))),
                                      {"0-1048575", json(tree_hash(content.substr(0, mebibyte)))},
                                      {"1048576-3145727", json()}}) {
        CAPTURE(range);
        auto const job = begin_retrieval(archive, {{"RetrievalByteRange", range}});
        auto const running = describe_job("photos", job);
        CHECK(running["StatusCode"] == "InProgress");
        CHECK(running["ArchiveSHA256TreeHash"] == tree_hash(content));
        CHECK(running["SHA256TreeHash"] == hash);
        advance(3s);
        CHECK(describe_job("photos", job)["SHA256TreeHash"] == hash);
    }
}

TEST_CASE_FIXTURE(Vault, "field trap: a job has all 21 members in order, null where there is no value") {
    using nlohmann::ordered_json;
    std::vector<std::string> const expected = {"Action",
                                               "ArchiveId",
                                               "ArchiveSHA256TreeHash",
                                               "ArchiveSizeInBytes",
                                               "Completed",
                                               "CompletionDate",
                                               "CreationDate",
                                               "InventoryRetrievalParameters",
                                               "InventorySizeInBytes",
                                               "JobDescription",
                                               "JobId",
                                               "JobOutputPath",
                                               "OutputLocation",
                                               "RetrievalByteRange",
                                               "SHA256TreeHash",
                                               "SNSTopic",
                                               "SelectParameters",
                                               "StatusCode",
                                               "StatusMessage",
                                               "Tier",
                                               "VaultARN"};
    auto const members = [](ordered_json const& object) {
        std::vector<std::string> names;
        for (auto const& [name, value] : object.items()) names.push_back(name);
        return names;
    };
    auto const retrieval = begin_retrieval(upload("photos", "a photo"));
    auto const inventory = initiate("photos", {{"Type", "inventory-retrieval"}, {"Tier", "Bulk"}});
    for (auto const& job : {retrieval, inventory}) {
        auto const shown = ordered_json::parse(call("GET", at("jobs/" + job)).body);
        CHECK(members(shown) == expected);
        for (auto const* const name : {"JobOutputPath", "OutputLocation", "SelectParameters"})
            CHECK(shown[name].is_null());
    }
    CHECK(describe_job("photos", inventory)["Tier"].is_null());
    auto const page = ordered_json::parse(call("GET", at("jobs")).body);
    REQUIRE(page["JobList"].size() == 2);
    for (auto const& job : page["JobList"]) CHECK(members(job) == expected);
}

TEST_CASE_FIXTURE(Vault,
                  "field trap: a topic of another Region is refused before the archive is looked for") {
    auto const topic = std::string("arn:aws:sns:ap-south-1:000000000000:done");
    for (json parameters : {retrieval_of("unknown"), json{{"Type", "inventory-retrieval"}}}) {
        parameters["SNSTopic"] = topic;
        CHECK(error_text(try_initiate("photos", parameters)) ==
              "400 InvalidParameterValueException: SNS topics must be in the local AWS region: " + topic);
    }
    CHECK(list_jobs().empty());
    // The Region is that of the request.
    auto const abroad = signed_by("111122223333", "ap-south-1");
    CHECK(call("PUT", vault_path, {}, abroad).status == 201);
    auto const body = json{{"Type", "inventory-retrieval"}, {"SNSTopic", topic}}.dump();
    CHECK(call("POST", at("jobs"), body, abroad).status == 202);
}

TEST_CASE_FIXTURE(Vault, "field trap: job parameters in a wrapper are no type at all") {
    for (auto const& wrapped : {retrieval_of("a"), json{{"Type", "inventory-retrieval"}}}) {
        auto const reply = try_initiate("photos", {{"jobParameters", wrapped}});
        CHECK(error_text(reply) == "400 MissingParameterValueException: Required parameter missing: type");
        CHECK(reply.field("x-firn-hint").value().find("wrapper") != std::string::npos);
    }
    CHECK(list_jobs().empty());
}

TEST_CASE_FIXTURE(Vault, "field trap: a job for an archive of another vault is an invalid vault name") {
    create_vault("other");
    auto const archive = upload("other", "a photo");
    CHECK(error_text(try_initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}})) ==
          std::string("400 InvalidParameterValueException: Invalid vault name: ") + vault_arn);
    CHECK(list_jobs().empty());
}
