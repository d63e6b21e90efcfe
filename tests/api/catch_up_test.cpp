// The clock is ahead of what is due, and nobody has told firn's scheduler: as right after a start, during a
// long move of the clock, or under load. Requests wait until what is due is done.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct LateVault : Vault {
    explicit LateVault(firn::Config const& config = test_config()) : Vault(config) {}

    // Unlike advance(), does not do what is due.
    void move_clock(firn::storage::Duration duration) { app().clock().advance(duration); }
};

firn::Config daily() {
    auto config = test_config();
    config.inventory = "daily";
    return config;
}

}  // namespace

TEST_CASE_FIXTURE(LateVault, "a lock attempt that has ended cannot be completed") {
    auto const reply = call("POST", at("lock-policy"), policy_body());
    auto const id = reply.field("x-amz-lock-id").value();
    move_clock(24h);
    CHECK(call("POST", at("lock-policy/" + id)).status == 404);
    CHECK(call("GET", at("lock-policy")).status == 404);
    CHECK(call("POST", at("lock-policy"), policy_body()).status == 201);
}

TEST_CASE_FIXTURE(LateVault, "an upload without a part for a day takes no part and lists none") {
    auto const upload = begin_upload();
    auto const other = begin_upload();
    CHECK(list_uploads()["UploadsList"].size() == 2);
    move_clock(24h);
    CHECK(call("GET", upload_path(upload)).status == 404);
    CHECK(put_part(upload, "part").status == 404);
    CHECK(complete_upload(other, "part").status == 404);
    CHECK(list_uploads()["UploadsList"].empty());
}

TEST_CASE_FIXTURE(LateVault, "units of capacity that have ended are not counted") {
    for (int i = 0; i < 2; ++i) CHECK(call("POST", "/-/provisioned-capacity").status == 201);
    CHECK(call("POST", "/-/provisioned-capacity").status == 400);
    move_clock(24h * 31);
    CHECK(call("POST", "/-/provisioned-capacity").status == 201);
    CHECK(json::parse(call("GET", "/-/provisioned-capacity").body)["ProvisionedCapacityList"].size() == 1);
}

TEST_CASE_FIXTURE(LateVault, "a job has completed at its time, and is gone at its time") {
    auto const archive = upload("photos", "a photo");
    auto const job = begin_retrieval(archive);
    CHECK(describe_job("photos", job)["StatusCode"] == "InProgress");
    move_clock(3s);
    CHECK(describe_job("photos", job)["StatusCode"] == "Succeeded");
    CHECK(output("photos", job).body == "a photo");
    move_clock(24h);
    CHECK(output("photos", job).status == 404);
    CHECK(list_jobs().empty());
}

TEST_CASE_FIXTURE(LateVault, "a job that was due completes before its archive is deleted") {
    auto const archive = upload("photos", "a photo");
    auto const job = begin_retrieval(archive);
    move_clock(3s);
    CHECK(call("DELETE", at("archives/" + archive)).status == 204);
    CHECK(describe_job("photos", job)["StatusCode"] == "Succeeded");
}

TEST_CASE("a vault shows the inventory that was due, also where the answer was remembered") {
    LateVault api(daily());
    api.upload("photos", "a photo");
    for (int i = 0; i < 2; ++i) CHECK(api.describe()["NumberOfArchives"] == 0);
    api.move_clock(12h);
    CHECK(api.describe()["NumberOfArchives"] == 1);
}

TEST_CASE_FIXTURE(LateVault, "under a fast clock every request gets its turn") {
    auto const archive = upload("photos", "a photo");
    app().clock().resume(1e6);
    for (int i = 0; i < 20; ++i) {
        begin_retrieval(archive, {{"Tier", "Bulk"}});
        CHECK(call("GET", at("jobs")).status == 200);
    }
}

TEST_CASE("with the instant profile no client sees a job of another that has not completed") {
    auto config = test_config();
    config.timing = "instant";
    LateVault api(config);
    auto const archive = api.upload("photos", "a photo");
    std::atomic<bool> done = false;
    std::thread other([&] {
        RawClient client(api.app().port());
        auto const body = retrieval_of(archive).dump();
        while (!done) {
            client.send(
                "POST /-/vaults/photos/jobs HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n"
                "Content-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
            if (client.read_reply().status != 202) break;
        }
    });
    for (int i = 0; i < 300; ++i) CHECK(api.list_jobs("?statuscode=InProgress").empty());
    done = true;
    other.join();
}
