// What time does: jobs that finish and expire, profiles of durations, restarts. The clock is frozen and moved
// by hand.
#include <doctest/doctest.h>

#include "tests/support/temporary_directory.hpp"
#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

firn::Config with_timing(std::string const& timing) {
    auto config = test_config();
    config.timing = timing;
    return config;
}

json const inventory_parameters = {{"Type", "inventory-retrieval"}};

}  // namespace

TEST_CASE("a job and its output are there for 24 hours after completion and then gone") {
    Vault api;
    auto const job = api.initiate("photos", retrieval_of(api.upload("photos", "a photo")));
    api.advance(3s);
    api.advance(24h - 1ms);
    CHECK(api.output("photos", job).body == "a photo");
    api.advance(1ms);
    auto const expected = "404 ResourceNotFoundException: The job ID was not found: " + job;
    CHECK(error_text(api.output("photos", job)) == expected);
    CHECK(error_text(api.call("GET", "/-/vaults/photos/jobs/" + job)) == expected);
    CHECK(api.call("GET", "/-/vaults/photos/jobs").body == R"({"JobList":[],"Marker":null})");
}

TEST_CASE("a finished output survives the deletion of its archive, an unfinished job fails") {
    Vault api;
    auto const archive = api.upload("photos", std::string(100'000, 'x'));
    auto const finished = api.initiate("photos", retrieval_of(archive));
    api.advance(3s);
    auto const unfinished = api.initiate("photos", retrieval_of(archive));
    CHECK(api.call("DELETE", "/-/vaults/photos/archives/" + archive).status == 204);
    api.advance(3s);
    CHECK(api.output("photos", finished).body == std::string(100'000, 'x'));
    auto const failed = api.describe_job("photos", unfinished);
    CHECK(failed["StatusCode"] == "Failed");
    CHECK(failed["Completed"] == true);
    CHECK_FALSE(failed["CompletionDate"].is_null());
    CHECK_FALSE(failed["StatusMessage"].is_null());
    CHECK(error_text(api.output("photos", unfinished))
              .starts_with("400 InvalidParameterValueException: The job is not"));
    CHECK(json::parse(api.call("GET", "/-/vaults/photos/jobs?statuscode=Failed").body)["JobList"].size() ==
          1);
}

TEST_CASE("an output that is being downloaded stays although it expires") {
    Vault api;
    std::string const content(64 << 20, 'x');
    auto const archive = api.upload("photos", content);
    auto const job = api.initiate("photos", retrieval_of(archive));
    api.advance(3s);
    RawClient slow(api.app().port());
    slow.send("GET /-/vaults/photos/jobs/" + job +
              "/output HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n");
    CHECK(slow.read_some(12) == "HTTP/1.1 200");
    CHECK(api.call("DELETE", "/-/vaults/photos/archives/" + archive).status == 204);
    api.advance(25h);
    CHECK(api.output("photos", job).status == 404);
    slow.shutdown_send();
    CHECK(slow.read_to_end().size() > content.size());
}

TEST_CASE("with the instant profile a job is done in the first answer") {
    Vault api(with_timing("instant"));
    auto const job = api.initiate("photos", retrieval_of(api.upload("photos", "a photo")));
    CHECK(api.describe_job("photos", job)["StatusCode"] == "Succeeded");
    CHECK(api.output("photos", job).body == "a photo");
    auto const inventory = api.initiate("photos", inventory_parameters);
    CHECK(json::parse(api.output("photos", inventory).body)["ArchiveList"].size() == 1);
}

TEST_CASE("with Glacier's times a retrieval takes the hours of its tier") {
    Vault api(with_timing("aws"));
    auto const archive = api.upload("photos", "a photo");
    auto const is_done = [&](std::string const& job) {
        return api.describe_job("photos", job)["Completed"] == true;
    };
    struct Tier {
        char const* name;
        std::chrono::minutes min, max;
    };
    for (auto const& tier :
         {Tier{"Expedited", 1min, 5min}, {"Standard", 180min, 300min}, {"Bulk", 300min, 720min}}) {
        CAPTURE(tier.name);
        auto parameters = retrieval_of(archive);
        parameters["Tier"] = tier.name;
        auto const job = api.initiate("photos", parameters);
        api.advance(tier.min - 1ms);
        CHECK_FALSE(is_done(job));
        api.advance(tier.max - tier.min + 1ms);
        CHECK(is_done(job));
    }
}

TEST_CASE("a job that was running when the server stopped finishes on time after a restart") {
    TemporaryDirectory directory;
    auto config = test_config();
    config.in_memory = false;
    config.data_dir = directory.path() / "data";
    std::string job;
    json before;
    firn::storage::Time then;
    {
        Vault api(config);
        job = api.initiate("photos", retrieval_of(api.upload("photos", "a photo")));
        before = api.describe_job("photos", job);
        then = api.app().clock().now();
    }
    Api api(config);
    api.app().clock().set(then + 2h);
    api.app().settle();
    auto const after = api.describe_job("photos", job);
    CHECK(after["StatusCode"] == "Succeeded");
    CHECK(after["CreationDate"] == before["CreationDate"]);
    api.app().clock().set(then);
    CHECK(after["CompletionDate"].get<std::string>() > before["CreationDate"].get<std::string>());
    CHECK(api.output("photos", job).body == "a photo");
}

TEST_CASE("the same seed and requests give the same identifiers") {
    auto const run = [] {
        Vault api;
        auto const archive = api.upload("photos", "a photo");
        return archive + api.initiate("photos", retrieval_of(archive));
    };
    CHECK(run() == run());
}
