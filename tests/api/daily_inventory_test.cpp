// Vaults whose inventory is taken once a day: what they show until then, and when they can be deleted.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json const inventory_parameters = {{"Type", "inventory-retrieval"}};

firn::Config daily(std::string const& timing = "fast") {
    auto config = test_config();
    config.timing = timing;
    config.inventory = "daily";
    return config;
}

struct DailyVault : Vault {
    DailyVault() : Vault(daily()) {}
};

}  // namespace

TEST_CASE("with daily inventories a vault shows what the last one saw") {
    Vault api(daily("aws"));
    auto const not_ready =
        "404 ResourceNotFoundException: Inventory retrieval jobs for vault "
        "arn:aws:glacier:us-east-1:000000000000:vaults/photos cannot be initiated yet, as Amazon "
        "Glacier has not yet generated an initial inventory for this vault.";
    auto const inventory = [&] {
        auto const job = api.initiate("photos", inventory_parameters);
        api.advance(5h);
        return json::parse(api.output("photos", job).body)["ArchiveList"];
    };

    SUBCASE("from nothing to the first inventory, which can be retrieved half a day later") {
        api.advance(48h);
        CHECK(error_text(api.try_initiate("photos", inventory_parameters)) == not_ready);
        auto const archive = api.upload("photos", "a photo");
        CHECK(api.describe()["NumberOfArchives"] == 0);
        CHECK(api.describe()["LastInventoryDate"].is_null());
        CHECK(error_text(api.try_initiate("photos", inventory_parameters)) == not_ready);
        api.advance(12h - 1s);
        CHECK(error_text(api.try_initiate("photos", inventory_parameters)) == not_ready);
        api.advance(1s);
        CHECK(api.describe()["NumberOfArchives"] == 1);
        CHECK_FALSE(api.describe()["LastInventoryDate"].is_null());
        api.advance(12h);
        CHECK(inventory()[0]["ArchiveId"] == archive);
    }
    SUBCASE("later writes are not in it, deleted archives still are") {
        auto const first = api.upload("photos", "first");
        api.advance(36h);
        auto const date = api.describe()["LastInventoryDate"];
        api.advance(48h);
        CHECK(api.describe()["LastInventoryDate"] == date);  // nothing changed, nothing renewed
        api.upload("photos", "second");
        api.call("DELETE", "/-/vaults/photos/archives/" + first);
        CHECK(api.describe()["NumberOfArchives"] == 1);
    }
    SUBCASE("an emptied vault can be deleted only after an inventory has seen it empty") {
        auto const archive = api.upload("photos", "a photo");
        CHECK(error_text(api.call("DELETE", "/-/vaults/photos")).find("recently written") !=
              std::string::npos);
        CHECK(api.call("DELETE", "/-/vaults/photos/archives/" + archive).status == 204);
        CHECK(error_text(api.call("DELETE", "/-/vaults/photos")).find("recently written") !=
              std::string::npos);
        api.advance(24h);
        CHECK(api.call("DELETE", "/-/vaults/photos").status == 204);
    }
    SUBCASE("a vault that was never written to goes at once") {
        CHECK(api.call("DELETE", "/-/vaults/photos").status == 204);
    }
}

TEST_CASE("an inventory job shows the last daily inventory, not the live state") {
    DailyVault api;
    auto const kept = api.upload("photos", "kept");
    auto const deleted = api.upload("photos", "deleted");
    api.advance(36h);
    api.call("DELETE", "/-/vaults/photos/archives/" + deleted);
    api.upload("photos", "new");
    auto const job = api.initiate("photos", inventory_parameters);
    api.advance(2s);
    auto const list = json::parse(api.output("photos", job).body)["ArchiveList"];
    REQUIRE(list.size() == 2);
    CHECK(list[0]["ArchiveId"] == kept);
    CHECK(list[1]["ArchiveId"] == deleted);
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

TEST_CASE_FIXTURE(DailyVault, "trap 19: an emptied vault stays until an inventory has seen it empty") {
    auto const archive = upload("photos", "a photo");
    CHECK(describe()["NumberOfArchives"] == 0);
    CHECK(error_text(call("DELETE", vault_path)) ==
          std::string("400 InvalidParameterValueException: Vault not empty or recently written to: ") +
              vault_arn);
    advance(24h);
    call("DELETE", at("archives/" + archive));
    CHECK(call("DELETE", vault_path).status == 400);
    advance(24h);
    CHECK(call("DELETE", vault_path).status == 204);
}

TEST_CASE_FIXTURE(DailyVault, "trap 20: a vault that was never written to can be deleted at once") {
    CHECK(call("DELETE", vault_path).status == 204);
    CHECK(call("GET", vault_path).status == 404);
}

TEST_CASE_FIXTURE(DailyVault, "trap 21: an inventory is the last daily one, and before the first is 404") {
    auto const request = inventory_parameters;
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
