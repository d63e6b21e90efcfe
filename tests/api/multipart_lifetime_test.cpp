// How multipart uploads end, and what the listings show until then.
#include <doctest/doctest.h>

#include <regex>
#include <set>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";
constexpr char uploads[] = "/-/vaults/photos/multipart-uploads";

struct Vault : Api {
    Vault() { create_vault("photos"); }

    std::string begin(std::string const& description = "") {
        RawFields fields = {{"x-amz-part-size", std::to_string(mebibyte)}};
        if (!description.empty()) fields.emplace_back("x-amz-archive-description", description);
        return call("POST", uploads, {}, fields).field("x-amz-multipart-upload-id").value();
    }
    std::string path(std::string const& id) { return uploads + ("/" + id); }
    RawReply put(std::string const& id, std::string const& part, std::size_t first = 0) {
        auto fields = hash_fields(part);
        fields.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                 std::to_string(first + part.size() - 1) + "/*");
        return call("PUT", path(id), part, fields);
    }
    RawReply complete(std::string const& id, std::string const& content) {
        return call("POST", path(id), {},
                    {{"x-amz-archive-size", std::to_string(content.size())},
                     {"x-amz-sha256-tree-hash", tree_hash(content)}});
    }
    RawReply abort(std::string const& id) { return call("DELETE", path(id)); }
    json parts(std::string const& id, std::string const& query = "") {
        return json::parse(call("GET", path(id) + query).body);
    }
    json list(std::string const& query = "") { return json::parse(call("GET", uploads + query).body); }
    bool is_gone(std::string const& id) {
        return error_text(call("GET", path(id))).starts_with(not_found) &&
               error_text(put(id, "12345")).starts_with(not_found) &&
               error_text(complete(id, "12345")).starts_with(not_found);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Vault, "completing again gives the same archive, whatever happened since") {
    auto const id = begin();
    put(id, "12345");
    auto const first = complete(id, "12345");
    auto const archive = first.field("x-amz-archive-id").value();
    upload("photos", "another photo");
    auto const other = begin();
    put(other, "12345");
    CHECK(complete(other, "12345").field("x-amz-archive-id") != archive);
    call("DELETE", "/-/vaults/photos/archives/" + archive);
    advance(23h);
    auto const second = complete(id, "12345");
    CHECK(second.status == 201);
    CHECK(second.field("x-amz-archive-id") == archive);
    CHECK(second.field("Location") == first.field("Location"));
    CHECK(second.field("x-amz-sha256-tree-hash") == tree_hash("12345"));
    CHECK(json::parse(call("GET", "/-/vaults/photos").body)["NumberOfArchives"] == 2);
    advance(1h);
    CHECK(error_text(complete(id, "12345")).starts_with(not_found));
    CHECK(json::parse(call("GET", "/-/vaults/photos").body)["NumberOfArchives"] == 2);
}

TEST_CASE_FIXTURE(Vault, "a completed upload takes no more parts, shows none and cannot be aborted") {
    auto const id = begin();
    put(id, "12345");
    auto const archive = complete(id, "12345").field("x-amz-archive-id").value();
    CHECK(error_text(call("GET", path(id))).starts_with(not_found));
    CHECK(error_text(put(id, "other")).starts_with(not_found));
    CHECK(error_text(abort(id)).starts_with(not_found));
    CHECK(list()["UploadsList"].empty());
    advance(48h);
    auto const job = initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
    advance(3s);
    CHECK(output("photos", job).body == "12345");
}

TEST_CASE_FIXTURE(Vault, "an aborted upload is gone, and aborting it again is no error for a day") {
    auto const id = begin();
    put(id, "12345");
    CHECK(abort(id).status == 204);
    CHECK(is_gone(id));
    CHECK(list()["UploadsList"].empty());
    advance(24h - 1ms);
    CHECK(abort(id).status == 204);
    advance(1ms);
    CHECK(error_text(abort(id)).starts_with(not_found));
    CHECK(json::parse(call("GET", "/-/vaults/photos").body)["NumberOfArchives"] == 0);
}

TEST_CASE_FIXTURE(Vault, "an upload is dropped 24 hours after its last part") {
    auto const idle = begin();
    auto const active = begin();
    advance(23h);
    CHECK(put(active, "12345").status == 204);
    advance(1h - 1ms);
    CHECK(parts(idle)["MultipartUploadId"] == idle);
    advance(1ms);
    CHECK(is_gone(idle));
    CHECK(list()["UploadsList"].size() == 1);
    advance(23h - 1ms);
    CHECK(parts(active)["Parts"].size() == 1);
    advance(1ms);
    CHECK(is_gone(active));
    CHECK(list()["UploadsList"].empty());
}

TEST_CASE_FIXTURE(Vault, "a refused part does not put off the end of its upload") {
    auto const id = begin();
    advance(23h);
    auto fields = hash_fields("12345");
    fields[1].second = std::string(64, '0');
    fields.emplace_back("Content-Range", "bytes 0-4/*");
    CHECK(call("PUT", path(id), "12345", fields).status == 400);
    advance(1h);
    CHECK(is_gone(id));
}

TEST_CASE_FIXTURE(Vault, "parts are listed in ascending order, a page at a time") {
    auto const id = begin("holiday");
    auto const empty = call("GET", path(id));
    CHECK(empty.status == 200);
    CHECK(empty.field("Content-Type") == "application/json");
    CHECK(json::parse(empty.body)["Parts"] == json::array());
    for (std::size_t const i : {4, 2, 0, 3, 1}) put(id, "part " + std::to_string(i), i * mebibyte);
    auto const all = parts(id);
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
        auto const page = parts(id, "?limit=2&marker=" + marker);
        CHECK(page["Parts"].size() == (pages < 2 ? 2 : 1));
        for (auto const& part : page["Parts"]) paged.push_back(part);
        marker = page["Marker"].is_null() ? "" : page["Marker"].get<std::string>();
        ++pages;
    } while (!marker.empty() && pages < 9);
    CHECK(pages == 3);
    CHECK(paged == all["Parts"]);
    CHECK(parts(id, "?limit=1000")["Parts"].size() == 5);
    CHECK(call("GET", path(id) + "?limit=0").status == 400);
    CHECK(call("GET", path(id) + "?marker=made-up").status == 400);
    auto const foreign = parts(id, "?limit=2")["Marker"].get<std::string>();
    CHECK(call("GET", path(begin()) + "?marker=" + foreign).status == 400);
}

TEST_CASE_FIXTURE(Vault, "a page of parts holds fifty") {
    auto const id = begin();
    for (std::size_t i = 0; i < 51; ++i) put(id, "x", i * mebibyte);
    for (std::string const query : {"", "?limit=1000", "?limit=&marker="}) {
        CAPTURE(query);
        CHECK(parts(id, query)["Parts"].size() == 50);
    }
    auto const rest = parts(id, "?marker=" + parts(id)["Marker"].get<std::string>());
    CHECK(rest["Parts"].size() == 1);
    CHECK(rest["Marker"].is_null());
}

TEST_CASE_FIXTURE(Vault, "uploads in progress are listed, fifty a page, each once") {
    CHECK(call("GET", uploads).body == R"({"Marker":null,"UploadsList":[]})");
    std::set<std::string> ids;
    for (int i = 0; i < 120; ++i) ids.insert(begin("upload " + std::to_string(i)));
    std::set<std::string> listed;
    std::string marker;
    std::vector<std::size_t> sizes;
    do {
        auto const page = list("?limit=1000&marker=" + marker);
        for (auto const& upload : page["UploadsList"]) listed.insert(upload["MultipartUploadId"]);
        sizes.push_back(page["UploadsList"].size());
        marker = page["Marker"].is_null() ? "" : page["Marker"].get<std::string>();
    } while (!marker.empty() && sizes.size() < 9);
    CHECK(sizes == std::vector<std::size_t>{50, 50, 20});
    CHECK(listed == ids);
    CHECK(list()["UploadsList"].size() == 50);

    auto const page = list("?limit=2");
    auto const first = page["UploadsList"][0];
    CHECK(page["UploadsList"].size() == 2);
    CHECK(first.size() == 5);
    CHECK(first["ArchiveDescription"].get<std::string>().starts_with("upload "));
    CHECK(first["PartSizeInBytes"] == mebibyte);
    CHECK(first["CreationDate"].get<std::string>().ends_with("Z"));
    CHECK(first["VaultARN"] == "arn:aws:glacier:us-east-1:000000000000:vaults/photos");
    // The marker names the first upload of the next page.
    auto const next = page["Marker"].get<std::string>();
    CHECK(list("?limit=1&marker=" + next)["UploadsList"][0]["MultipartUploadId"] == next);
    CHECK(call("GET", std::string(uploads) + "?limit=x").status == 400);
    CHECK(call("GET", std::string(uploads) + "?marker=made-up").status == 400);
}

TEST_CASE_FIXTURE(Vault, "a marker whose upload has ended still tells where the page begins") {
    for (int i = 0; i < 4; ++i) begin();
    auto const all = list()["UploadsList"];
    auto const marker = list("?limit=2")["Marker"].get<std::string>();
    abort(marker);
    auto const rest = list("?marker=" + marker)["UploadsList"];
    REQUIRE(rest.size() == 1);
    CHECK(rest[0] == all[3]);
}

TEST_CASE_FIXTURE(Vault, "open uploads do not keep a vault, and go with it") {
    auto const id = begin();
    put(id, "12345");
    CHECK(call("DELETE", "/-/vaults/photos").status == 204);
    CHECK(error_text(call("GET", path(id))).starts_with("404 ResourceNotFoundException: Vault not found"));
    create_vault("photos");
    CHECK(list()["UploadsList"].empty());
    CHECK(is_gone(id));
}

TEST_CASE_FIXTURE(Vault, "a completed upload fills its vault, and the inventory tells its description") {
    auto const id = begin("holiday");
    put(id, "12345");
    auto const archive = complete(id, "12345").field("x-amz-archive-id").value();
    CHECK(error_text(call("DELETE", "/-/vaults/photos")).find("Vault not empty") != std::string::npos);
    auto const job = initiate("photos", {{"Type", "inventory-retrieval"}});
    advance(2s);
    auto const entry = json::parse(output("photos", job).body)["ArchiveList"][0];
    CHECK(entry["ArchiveId"] == archive);
    CHECK(entry["ArchiveDescription"] == "holiday");
    CHECK(entry["Size"] == 5);
    CHECK(entry["SHA256TreeHash"] == tree_hash("12345"));
}
