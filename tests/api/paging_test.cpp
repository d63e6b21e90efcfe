// Pages of all listings: how many entries they hold, and the marker of the last one.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

TEST_CASE_FIXTURE(Vault, "trap 31: a limit that is too large is clamped to 10 vaults or 50 of the rest") {
    for (int i = 0; i < 10; ++i) create_vault("v" + std::to_string(i));
    CHECK(json::parse(call("GET", "/-/vaults?limit=1000").body)["VaultList"].size() == 10);
    for (int i = 0; i < 51; ++i) {
        begin_upload();
        initiate("photos", {{"Type", "inventory-retrieval"}});
    }
    CHECK(list_jobs("?limit=1000").size() == 50);
    CHECK(list_uploads("?limit=51")["UploadsList"].size() == 50);
    auto const id = begin_upload();
    put_part(id, "12345");
    CHECK(call("GET", upload_path(id) + "?limit=1000").status == 200);
}

TEST_CASE_FIXTURE(Vault, "trap 33: the marker of a last page is null, not an empty string") {
    auto const id = begin_upload();
    put_part(id, "12345");
    for (auto const& target :
         {std::string("/-/vaults"), at("jobs"), at("multipart-uploads"), upload_path(id)}) {
        CAPTURE(target);
        auto const page = json::parse(call("GET", target).body);
        REQUIRE(page.contains("Marker"));
        CHECK(page["Marker"].is_null());
    }
}

TEST_CASE_FIXTURE(Vault, "field trap: without a limit a page is 10 vaults, or 50 jobs or uploads") {
    for (int i = 0; i < 10; ++i) create_vault("v" + std::to_string(i));
    for (int i = 0; i < 51; ++i) {
        initiate("photos", {{"Type", "inventory-retrieval"}});
        begin_upload();
    }
    CHECK(json::parse(call("GET", "/-/vaults").body)["VaultList"].size() == 10);
    CHECK(list_jobs().size() == 50);
    CHECK(list_uploads()["UploadsList"].size() == 50);
}
