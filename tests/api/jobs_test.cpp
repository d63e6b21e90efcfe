// Jobs and their outputs on the wire: traps 1, 7, 8, 21 to 29, 32 and 42 to 44 of a naive Glacier among them.
#include <doctest/doctest.h>

#include <map>
#include <regex>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct Vault : Api {
    Vault() { create_vault("photos"); }

    json archive_job(std::string const& id) { return {{"Type", "archive-retrieval"}, {"ArchiveId", id}}; }
    std::string inventory(json parameters = json::object()) {
        parameters["Type"] = "inventory-retrieval";
        auto const job = initiate("photos", parameters);
        advance(2s);
        return output("photos", job).body;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Vault, "a retrieval is accepted, runs, succeeds on time and gives the bytes back") {
    auto const content = content_of(3 * mebibyte + 5);
    auto const archive = upload("photos", content, {{"x-amz-archive-description", "holiday"}});
    auto parameters = archive_job(archive);
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
    CHECK_FALSE(running.contains("InventoryRetrievalParameters"));
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
        auto parameters = archive_job(archive);
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
    auto const job = initiate("photos", archive_job(upload("photos", "a photo")));
    auto const text = call("GET", "/-/vaults/photos/jobs/" + job).body;
    auto const ordered = nlohmann::ordered_json::parse(text);
    CHECK(ordered.dump() == json::parse(text).dump());
    CHECK(text.starts_with(R"({"Action":"ArchiveRetrieval","ArchiveId":")"));
}

TEST_CASE_FIXTURE(Vault, "a range counts from the start of the output") {
    auto const content = content_of(100);
    auto const job = initiate("photos", archive_job(upload("photos", content)));
    advance(3s);
    auto const get = [&](std::string const& range) { return output("photos", job, {{"Range", range}}); };
    auto const middle = get("bytes=10-19");
    CHECK(middle.status == 206);
    CHECK(middle.field("Content-Range") == "bytes 10-19/100");
    CHECK(middle.body == content.substr(10, 10));
    CHECK(get("bytes=90-1000").body == content.substr(90));
    CHECK(get("bytes=90-").body == content.substr(90));
    CHECK(error_text(get("bytes=100-200")) ==
          "400 InvalidParameterValueException: The start of the range is larger than size of retrieved data: "
          "bytes=100-200");
    for (std::string const malformed :
         {"bytes 0-9/100", "0-9/100", "bytes=9-0", "lines=0-9", "bytes=a-b", "bytes=-"}) {
        CAPTURE(malformed);
        CHECK(get(malformed).status == 200);
        CHECK(get(malformed).body == content);
    }
}

TEST_CASE_FIXTURE(Vault,
                  "an output carries a checksum only where its range is tree-hash aligned in the archive") {
    auto const content = content_of(6 * mebibyte + mebibyte / 2);
    auto const archive = upload("photos", content);
    auto const retrieve = [&](std::string const& range) {
        auto parameters = archive_job(archive);
        if (!range.empty()) parameters["RetrievalByteRange"] = range;
        auto job = initiate("photos", parameters);
        advance(3s);
        return job;
    };
    auto const hash = [&](std::string const& job, std::size_t first, std::size_t last) {
        auto const range = "bytes=" + std::to_string(first) + "-" + std::to_string(last);
        return output("photos", job, {{"Range", range}}).field("x-amz-sha256-tree-hash");
    };
    auto const hash_of = [&](std::size_t first, std::size_t last) {
        return tree_hash(std::string_view(content).substr(first, last - first + 1));
    };
    auto const last = content.size() - 1;

    auto const whole = retrieve("");
    CHECK(hash(whole, 0, 4 * mebibyte - 1) == hash_of(0, 4 * mebibyte - 1));
    CHECK(hash(whole, 4 * mebibyte, last) == hash_of(4 * mebibyte, last));
    CHECK(hash(whole, 6 * mebibyte, last) == hash_of(6 * mebibyte, last));
    CHECK_FALSE(hash(whole, 0, 3 * mebibyte - 1));
    CHECK_FALSE(hash(whole, 1 * mebibyte, 3 * mebibyte - 1));
    CHECK_FALSE(hash(whole, 0, 100));

    auto const part = retrieve(std::to_string(4 * mebibyte) + "-" + std::to_string(last));
    CHECK(describe_job("photos", part)["SHA256TreeHash"] == hash_of(4 * mebibyte, last));
    CHECK(describe_job("photos", part)["ArchiveSHA256TreeHash"] == tree_hash(content));
    CHECK(output("photos", part).field("x-amz-sha256-tree-hash") == hash_of(4 * mebibyte, last));
    CHECK(output("photos", part).body == content.substr(4 * mebibyte));
    CHECK(hash(part, 0, 2 * mebibyte - 1) == hash_of(4 * mebibyte, 6 * mebibyte - 1));
    CHECK_FALSE(hash(part, 1 * mebibyte, last - 4 * mebibyte));

    auto const unaligned = retrieve("0-" + std::to_string(3 * mebibyte - 1));
    CHECK(describe_job("photos", unaligned)["SHA256TreeHash"].is_null());
    CHECK_FALSE(output("photos", unaligned).field("x-amz-sha256-tree-hash"));
    CHECK_FALSE(hash(unaligned, 0, 2 * mebibyte - 1));
    CHECK(output("photos", unaligned).body == content.substr(0, 3 * mebibyte));
}

TEST_CASE_FIXTURE(Vault, "a retrieval range is aligned to MiB or refused") {
    auto const archive = upload("photos", content_of(2 * mebibyte + 7));
    for (std::string const range : {"0-100", "1-1048575", "0-2097158000", "1048576-0", "x", "0", "0-", "-1",
                                    "0-18446744073709551616"}) {
        CAPTURE(range);
        auto parameters = archive_job(archive);
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
    CHECK(error_text(try_initiate("photos", archive_job("unknown")))
              .starts_with("404 ResourceNotFoundException"));
    CHECK(error_text(try_initiate("photos", archive_job(archive)))
              .starts_with("404 ResourceNotFoundException"));
}

TEST_CASE_FIXTURE(Vault, "an inventory is compact JSON whose length the job tells") {
    auto const archive = upload("photos", "12345");
    auto const job = initiate("photos", {{"Type", "inventory-retrieval"}});
    auto const running = describe_job("photos", job);
    CHECK(running["Action"] == "InventoryRetrieval");
    CHECK(running["InventorySizeInBytes"].is_null());
    CHECK(running["InventoryRetrievalParameters"] == json{{"EndDate", nullptr},
                                                          {"Format", "JSON"},
                                                          {"Limit", nullptr},
                                                          {"Marker", nullptr},
                                                          {"StartDate", nullptr}});
    CHECK_FALSE(running.contains("Tier"));
    advance(2s);
    auto const reply = output("photos", job);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK_FALSE(reply.field("x-amz-sha256-tree-hash"));
    CHECK(describe_job("photos", job)["InventorySizeInBytes"] == reply.body.size());
    CHECK(std::regex_match(
        reply.body,
        std::regex(R"(\{"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/photos",)"
                   R"("InventoryDate":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","ArchiveList":\[\{"ArchiveId":")" +
                   archive +
                   R"(","ArchiveDescription":"","CreationDate":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","Size":5,)"
                   R"("SHA256TreeHash":"[0-9a-f]{64}"\}\]\})")));
}

TEST_CASE_FIXTURE(Vault, "the inventory of a vault that was never written to is empty") {
    CHECK(json::parse(inventory())["ArchiveList"] == json::array());
}

TEST_CASE_FIXTURE(Vault, "an inventory in CSV escapes quotes with a backslash") {
    auto const archive = upload("photos", "12345", {{"x-amz-archive-description", R"({"Path":"x"})"}});
    auto const text = inventory({{"Format", "CSV"}});
    CHECK(text.starts_with("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n" + archive +
                           R"(,"{\"Path\":\"x\"}",)"));
    CHECK(text.ends_with(",5," + tree_hash("12345") + "\r\n"));
}

TEST_CASE_FIXTURE(Vault, "inventory pages follow each other by marker and hold every archive once") {
    for (int i = 0; i < 7; ++i) upload("photos", "photo " + std::to_string(i));
    std::size_t archives = 0;
    json filter = {{"Limit", "3"}};
    for (int page = 0; page < 3; ++page) {
        auto const job =
            initiate("photos", {{"Type", "inventory-retrieval"}, {"InventoryRetrievalParameters", filter}});
        CHECK(describe_job("photos", job)["InventoryRetrievalParameters"]["Limit"] == "3");
        advance(2s);
        archives += json::parse(output("photos", job).body)["ArchiveList"].size();
        filter["Marker"] = describe_job("photos", job)["InventoryRetrievalParameters"]["Marker"];
        CHECK(filter["Marker"].is_null() == (page == 2));
    }
    CHECK(archives == 7);
}

TEST_CASE_FIXTURE(Vault, "an inventory can be cut to a span of creation dates") {
    app().clock().set(std::chrono::sys_days(std::chrono::year(2020) / 1 / 1));
    upload("photos", "2020");
    advance(24h);
    upload("photos", "the second of January");
    auto const list = [&](json const& filter) {
        return json::parse(inventory({{"InventoryRetrievalParameters", filter}}))["ArchiveList"].size();
    };
    CHECK(list({{"StartDate", "2020-01-02T00:00:00Z"}}) == 1);
    CHECK(list({{"EndDate", "2020-01-02T00:00:00Z"}}) == 1);
    CHECK(list({{"StartDate", "2020-01-01T00:00:00Z"}, {"EndDate", "2020-01-02T00:00:01Z"}}) == 2);
    CHECK(list({{"EndDate", "2020-01-01T00:00:00Z"}}) == 0);
}

TEST_CASE_FIXTURE(Vault, "jobs are listed newest first, filtered and paged") {
    auto const archive = upload("photos", "a photo");
    CHECK(call("GET", "/-/vaults/photos/jobs").body == R"({"JobList":[],"Marker":null})");
    std::vector<std::string> ids;
    for (int i = 0; i < 60; ++i) ids.push_back(initiate("photos", archive_job(archive)));
    advance(3s);
    ids.push_back(initiate("photos", archive_job(archive)));

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
    auto const job = initiate("photos", archive_job(upload("photos", "a photo")));
    create_vault("other");
    auto const expected = "404 ResourceNotFoundException: The job ID was not found: " + job;
    CHECK(error_text(call("GET", "/-/vaults/other/jobs/" + job)) == expected);
    CHECK(error_text(output("other", job)) == expected);
    CHECK(error_text(output("photos", "x")) == "404 ResourceNotFoundException: The job ID was not found: x");
}
