// The outputs of inventory retrievals, in JSON and CSV.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

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
    CHECK(running["Tier"].is_null());
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
    auto const text = inventory({{"Format", "CSV"}});
    CHECK(text.find(R"(,"say \"hi\" now",)") != text.npos);
    CHECK(text.find(R"("")") == text.npos);
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
