// The outputs of archive retrievals: ranges, checksums, and when there is one.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(Vault, "a range counts from the start of the output") {
    auto const content = content_of(100);
    auto const job = initiate("photos", retrieval_of(upload("photos", content)));
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
        auto parameters = retrieval_of(archive);
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
    CHECK(call("GET", at("jobs")).body == R"({"JobList":[],"Marker":null})");
}

TEST_CASE_FIXTURE(Vault, "field trap: what is not ready is not 404") {
    auto const job = begin_retrieval(upload("photos", "a photo"));
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

TEST_CASE_FIXTURE(Vault, "field trap: an output carries the archive's description") {
    auto const described = upload("photos", "a photo", {{"x-amz-archive-description", "my holiday"}});
    CHECK(output("photos", retrieve(described)).field("x-amz-archive-description") == "my holiday");
    CHECK_FALSE(output("photos", retrieve(upload("photos", "x"))).field("x-amz-archive-description"));
}

TEST_CASE_FIXTURE(Vault, "field trap: deleting an archive does not kill a finished retrieval") {
    auto const archive = upload("photos", std::string(100'000, 'x'));
    auto const job = retrieve(archive);
    CHECK(call("DELETE", at("archives/" + archive)).status == 204);
    advance(1h);
    CHECK(describe_job("photos", job)["StatusCode"] == "Succeeded");
    CHECK(output("photos", job).body == std::string(100'000, 'x'));
}
