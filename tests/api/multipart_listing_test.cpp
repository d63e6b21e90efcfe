// Multipart uploads: the listings of uploads in progress and of their parts.
#include <doctest/doctest.h>

#include <regex>
#include <set>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

TEST_CASE_FIXTURE(Vault, "parts are listed in ascending order, a page at a time") {
    auto const id = begin_upload(mebibyte, "holiday");
    auto const empty = call("GET", upload_path(id));
    CHECK(empty.status == 200);
    CHECK(empty.field("Content-Type") == "application/json");
    CHECK(json::parse(empty.body)["Parts"] == json::array());
    for (std::size_t const i : {4, 2, 0, 3, 1}) put_part(id, "part " + std::to_string(i), i * mebibyte);
    auto const all = list_parts(id);
    CHECK(all["ArchiveDescription"] == "holiday");
    CHECK(std::regex_match(all["CreationDate"].get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
    CHECK(all["Marker"].is_null());
    CHECK(all["MultipartUploadId"] == id);
    CHECK(all["PartSizeInBytes"] == mebibyte);
    CHECK(all["VaultARN"] == "arn:aws:glacier:us-east-1:000000000000:vaults/photos");
    CHECK(all.size() == 7);
    REQUIRE(all["Parts"].size() == 5);
    CHECK(all["Parts"][1] ==
          json{{"RangeInBytes", "1048576-1048581"}, {"SHA256TreeHash", tree_hash("part 1")}});

    auto paged = json::array();
    std::string marker;
    int pages = 0;
    do {
        auto const page = list_parts(id, "?limit=2&marker=" + marker);
        CHECK(page["Parts"].size() == (pages < 2 ? 2 : 1));
        for (auto const& part : page["Parts"]) paged.push_back(part);
        marker = page["Marker"].is_null() ? "" : page["Marker"].get<std::string>();
        ++pages;
    } while (!marker.empty() && pages < 9);
    CHECK(pages == 3);
    CHECK(paged == all["Parts"]);
    CHECK(list_parts(id, "?limit=1000")["Parts"].size() == 5);
    CHECK(call("GET", upload_path(id) + "?limit=0").status == 400);
    CHECK(call("GET", upload_path(id) + "?marker=made-up").status == 400);
    auto const foreign = list_parts(id, "?limit=2")["Marker"].get<std::string>();
    CHECK(call("GET", upload_path(begin_upload()) + "?marker=" + foreign).status == 400);
}

TEST_CASE_FIXTURE(Vault, "a page of parts holds fifty") {
    auto const id = begin_upload();
    for (std::size_t i = 0; i < 51; ++i) put_part(id, "x", i * mebibyte);
    for (std::string const query : {"", "?limit=1000", "?limit=&marker="}) {
        CAPTURE(query);
        CHECK(list_parts(id, query)["Parts"].size() == 50);
    }
    auto const rest = list_parts(id, "?marker=" + list_parts(id)["Marker"].get<std::string>());
    CHECK(rest["Parts"].size() == 1);
    CHECK(rest["Marker"].is_null());
}

TEST_CASE_FIXTURE(Vault, "uploads in progress are listed, fifty a page, each once") {
    CHECK(call("GET", at("multipart-uploads")).body == R"({"Marker":null,"UploadsList":[]})");
    std::set<std::string> ids;
    for (int i = 0; i < 120; ++i) ids.insert(begin_upload(mebibyte, "upload " + std::to_string(i)));
    std::set<std::string> listed;
    std::string marker;
    std::vector<std::size_t> sizes;
    do {
        auto const page = list_uploads("?limit=1000&marker=" + marker);
        for (auto const& upload : page["UploadsList"]) listed.insert(upload["MultipartUploadId"]);
        sizes.push_back(page["UploadsList"].size());
        marker = page["Marker"].is_null() ? "" : page["Marker"].get<std::string>();
    } while (!marker.empty() && sizes.size() < 9);
    CHECK(sizes == std::vector<std::size_t>{50, 50, 20});
    CHECK(listed == ids);
    CHECK(list_uploads()["UploadsList"].size() == 50);

    auto const page = list_uploads("?limit=2");
    auto const first = page["UploadsList"][0];
    CHECK(page["UploadsList"].size() == 2);
    CHECK(first.size() == 5);
    CHECK(first["ArchiveDescription"].get<std::string>().starts_with("upload "));
    CHECK(first["PartSizeInBytes"] == mebibyte);
    CHECK(first["CreationDate"].get<std::string>().ends_with("Z"));
    CHECK(first["VaultARN"] == "arn:aws:glacier:us-east-1:000000000000:vaults/photos");
    // The marker names the first upload of the next page.
    auto const next = page["Marker"].get<std::string>();
    CHECK(list_uploads("?limit=1&marker=" + next)["UploadsList"][0]["MultipartUploadId"] == next);
    CHECK(call("GET", at("multipart-uploads") + "?limit=x").status == 400);
    CHECK(call("GET", at("multipart-uploads") + "?marker=made-up").status == 400);
}

TEST_CASE_FIXTURE(Vault, "a marker whose upload has ended still tells where the page begins") {
    for (int i = 0; i < 4; ++i) begin_upload();
    auto const all = list_uploads()["UploadsList"];
    auto const marker = list_uploads("?limit=2")["Marker"].get<std::string>();
    abort_upload(marker);
    auto const rest = list_uploads("?marker=" + marker)["UploadsList"];
    REQUIRE(rest.size() == 1);
    CHECK(rest[0] == all[3]);
}
