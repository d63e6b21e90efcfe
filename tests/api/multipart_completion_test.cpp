// Multipart uploads: when parts become an archive, and when they do not.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";
constexpr char invalid[] = "400 InvalidParameterValueException: ";

}  // namespace

TEST_CASE_FIXTURE(Vault, "parts in any order become an archive that comes back byte for byte") {
    auto const content = content_of(3 * mebibyte + 5);
    auto const id = begin_upload();
    for (std::size_t const first : {3 * mebibyte, mebibyte, std::size_t(0), 2 * mebibyte}) {
        auto const part = content.substr(first, mebibyte);
        auto const reply = put_part(id, part, first);
        CHECK(reply.status == 204);
        CHECK(reply.field("x-amz-sha256-tree-hash") == tree_hash(part));
    }
    auto const reply = complete_upload(id, content);
    CHECK(reply.status == 201);
    CHECK(reply.body == "{}");
    auto const archive = reply.field("x-amz-archive-id").value();
    CHECK(std::regex_match(archive, std::regex("[A-Za-z0-9_-]{138}")));
    CHECK(reply.field("Location") == "/000000000000/vaults/photos/archives/" + archive);
    CHECK(reply.field("x-amz-sha256-tree-hash") == tree_hash(content));
    CHECK(describe()["SizeInBytes"] == content.size() + 32'768);

    auto const job = initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
    CHECK(describe_job("photos", job)["ArchiveSHA256TreeHash"] == tree_hash(content));
    CHECK(describe_job("photos", job)["ArchiveSizeInBytes"] == content.size());
    advance(3s);
    CHECK(output("photos", job).body == content);
    CHECK(output("photos", job).field("x-amz-sha256-tree-hash") == tree_hash(content));
}

TEST_CASE_FIXTURE(Vault,
                  "ranges cross the borders between parts, with the tree hash where they are aligned") {
    auto const content = content_of(7 * mebibyte + 9);
    auto const id = begin_upload(2 * mebibyte);
    put_parts(id, content, 2 * mebibyte);
    auto const archive = complete_upload(id, content).field("x-amz-archive-id").value();
    auto const job = initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
    advance(3s);
    for (auto const& [first, size] : {std::pair(2 * mebibyte - 3, std::size_t(7)),
                                      {std::size_t(1), 6 * mebibyte + 1},
                                      {6 * mebibyte - 1, mebibyte + 10}}) {
        auto const range = std::to_string(first) + "-" + std::to_string(first + size - 1);
        CAPTURE(range);
        auto const reply = output("photos", job, {{"Range", "bytes=" + range}});
        CHECK(reply.status == 206);
        CHECK(reply.body == content.substr(first, size));
        CHECK_FALSE(reply.field("x-amz-sha256-tree-hash"));
    }
    auto const aligned = output("photos", job, {{"Range", "bytes=0-" + std::to_string(4 * mebibyte - 1)}});
    CHECK(aligned.field("x-amz-sha256-tree-hash") ==
          tree_hash(std::string_view(content).substr(0, 4 * mebibyte)));
    // Smaller than a part: the hash of a single leaf.
    auto const leaf = output("photos", job, {{"Range", "bytes=1048576-2097151"}});
    CHECK(leaf.field("x-amz-sha256-tree-hash") ==
          tree_hash(std::string_view(content).substr(mebibyte, mebibyte)));
}

TEST_CASE_FIXTURE(Vault, "a short inner part passes its upload and fails the completion") {
    auto const content = content_of(2 * mebibyte);
    auto const id = begin_upload();
    CHECK(put_part(id, content.substr(0, 100), 0ul).status == 204);
    CHECK(put_part(id, content.substr(mebibyte), mebibyte).status == 204);
    CHECK(error_text(complete_upload(id, content)).starts_with(invalid));
    // Not even with the size and the hash of what is there.
    auto const joined = content.substr(0, 100) + content.substr(mebibyte);
    CHECK(error_text(complete_upload(id, joined)).starts_with(invalid));
    CHECK(put_part(id, content.substr(0, mebibyte), 0ul).status == 204);
    CHECK(output("photos", retrieve(complete_upload(id, content).field("x-amz-archive-id").value())).body ==
          content);
}

TEST_CASE_FIXTURE(Vault, "a completion that fails says why and leaves the upload as it was") {
    auto const content = content_of(2 * mebibyte + 5);
    auto const id = begin_upload();
    auto const finish = [&](std::string const& size, std::string const& hash) {
        RawFields fields;
        if (!size.empty()) fields.emplace_back("x-amz-archive-size", size);
        if (!hash.empty()) fields.emplace_back("x-amz-sha256-tree-hash", hash);
        return error_text(call("POST", upload_path(id), {}, fields));
    };
    auto const size = std::to_string(content.size());
    auto const hash = tree_hash(content);
    auto const missing = std::string("400 MissingParameterValueException: Required parameter missing: ");
    CHECK(finish(size, hash).starts_with(invalid));  // no parts
    put_part(id, content.substr(0, mebibyte), 0ul);
    put_part(id, content.substr(2 * mebibyte), 2 * mebibyte);
    CHECK(finish(size, hash).starts_with(invalid));  // a gap
    put_part(id, content.substr(mebibyte, mebibyte), mebibyte);
    CHECK(finish("", hash) == missing + "x-amz-archive-size");
    CHECK(finish(size, "") == missing + "x-amz-sha256-tree-hash");
    for (std::string const wrong : {"2097156", "2097158", "0", "-1", "x", "99999999999999999999"}) {
        CAPTURE(wrong);
        CHECK(finish(wrong, hash).starts_with(invalid));
    }
    for (auto const& wrong : {std::string(64, '0'), hash_fields(content)[0].second, std::string("000")}) {
        CHECK(finish(size, wrong) == invalid + ("Invalid x-amz-sha256-tree-hash: " + wrong));
    }
    CHECK(describe()["NumberOfArchives"] == 0);
    CHECK(list_parts(id)["Parts"].size() == 3);
    CHECK(output("photos", retrieve(complete_upload(id, content).field("x-amz-archive-id").value())).body ==
          content);
}

TEST_CASE_FIXTURE(Vault, "completing again gives the same archive, whatever happened since") {
    auto const id = begin_upload();
    put_part(id, "12345");
    auto const first = complete_upload(id, "12345");
    auto const archive = first.field("x-amz-archive-id").value();
    upload("photos", "another photo");
    auto const other = begin_upload();
    put_part(other, "12345");
    CHECK(complete_upload(other, "12345").field("x-amz-archive-id") != archive);
    call("DELETE", "/-/vaults/photos/archives/" + archive);
    advance(23h);
    auto const second = complete_upload(id, "12345");
    CHECK(second.status == 201);
    CHECK(second.field("x-amz-archive-id") == archive);
    CHECK(second.field("Location") == first.field("Location"));
    CHECK(second.field("x-amz-sha256-tree-hash") == tree_hash("12345"));
    CHECK(describe()["NumberOfArchives"] == 2);
    advance(1h);
    CHECK(error_text(complete_upload(id, "12345")).starts_with(not_found));
    CHECK(describe()["NumberOfArchives"] == 2);
}

TEST_CASE_FIXTURE(Vault, "completing again with other values is no repetition, even of a deleted archive") {
    auto const id = begin_upload();
    put_part(id, "12345");
    auto const archive = complete_upload(id, "12345").field("x-amz-archive-id").value();
    for (bool const deleted : {false, true}) {
        CAPTURE(deleted);
        if (deleted) CHECK(call("DELETE", at("archives/") + archive).status == 204);
        CHECK(error_text(complete_upload(id, 6, tree_hash("12345"))) ==
              invalid + std::string("Invalid x-amz-archive-size: 6"));
        CHECK(error_text(complete_upload(id, 5, tree_hash("other"))) ==
              invalid + ("Invalid x-amz-sha256-tree-hash: " + tree_hash("other")));
        auto upper = tree_hash("12345");
        for (auto& c : upper) c = static_cast<char>(std::toupper(c));
        CHECK(complete_upload(id, 5, upper).field("x-amz-archive-id") == archive);
    }
}

TEST_CASE_FIXTURE(Vault, "a completed upload takes no more parts, shows none and cannot be aborted") {
    auto const id = begin_upload();
    put_part(id, "12345");
    auto const archive = complete_upload(id, "12345").field("x-amz-archive-id").value();
    CHECK(error_text(call("GET", upload_path(id))).starts_with(not_found));
    CHECK(error_text(put_part(id, "other")).starts_with(not_found));
    CHECK(error_text(abort_upload(id)).starts_with(not_found));
    CHECK(list_uploads()["UploadsList"].empty());
    advance(48h);
    auto const job = initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
    advance(3s);
    CHECK(output("photos", job).body == "12345");
}

TEST_CASE_FIXTURE(Vault, "a completed upload fills its vault, and the inventory tells its description") {
    auto const id = begin_upload(mebibyte, "holiday");
    put_part(id, "12345");
    auto const archive = complete_upload(id, "12345").field("x-amz-archive-id").value();
    CHECK(error_text(call("DELETE", "/-/vaults/photos")).find("Vault not empty") != std::string::npos);
    auto const job = initiate("photos", {{"Type", "inventory-retrieval"}});
    advance(2s);
    auto const entry = json::parse(output("photos", job).body)["ArchiveList"][0];
    CHECK(entry["ArchiveId"] == archive);
    CHECK(entry["ArchiveDescription"] == "holiday");
    CHECK(entry["Size"] == 5);
    CHECK(entry["SHA256TreeHash"] == tree_hash("12345"));
}

TEST_CASE_FIXTURE(Vault, "trap 9: a wrong tree hash on completion is invalid, not a mismatch") {
    auto const id = begin_upload();
    put_part(id, "12345");
    auto const wrong = std::string(64, '0');
    CHECK(error_text(complete_upload(id, 5, wrong)) ==
          "400 InvalidParameterValueException: Invalid x-amz-sha256-tree-hash: " + wrong);
    CHECK(error_text(try_upload("photos", "12345", {{"x-amz-sha256-tree-hash", wrong}}))
              .starts_with("400 InvalidParameterValueException: Checksum mismatch: "));
}

TEST_CASE_FIXTURE(Vault, "trap 11: a short inner part is accepted at upload and refused at completion") {
    auto const id = begin_upload();
    CHECK(put_part(id, "short").status == 204);
    CHECK(put_part(id, "last", mebibyte).status == 204);
    auto const content = "short" + std::string(mebibyte - 5, '\0') + "last";
    CHECK(complete_upload(id, content).status == 400);
    CHECK(complete_upload(id, 9, tree_hash("shortlast")).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 12: parts that cover the size must also combine to the tree hash") {
    auto const content = std::string(mebibyte, 'a') + std::string(mebibyte, 'b') + "c";
    auto const id = begin_upload();
    // The first two swapped: same size, same bytes, another order.
    put_part(id, content.substr(mebibyte, mebibyte), 0);
    put_part(id, content.substr(0, mebibyte), mebibyte);
    put_part(id, "c", 2 * mebibyte);
    CHECK(complete_upload(id, content).status == 400);
    put_part(id, content.substr(0, mebibyte), 0);
    put_part(id, content.substr(mebibyte, mebibyte), mebibyte);
    CHECK(complete_upload(id, content).status == 201);
}

TEST_CASE_FIXTURE(Vault, "trap 34: a completion that fails does not lose the upload") {
    auto const id = begin_upload();
    put_part(id, "12345");
    CHECK(complete_upload(id, 5, std::string(64, '0')).status == 400);
    CHECK(list_parts(id)["Parts"].size() == 1);
    CHECK(complete_upload(id, "12345").status == 201);
}

TEST_CASE_FIXTURE(Vault, "trap 35: completing again is 201 with the same archive") {
    auto const id = begin_upload();
    put_part(id, "12345");
    auto const archive = complete_upload(id, "12345").field("x-amz-archive-id").value();
    auto const again = complete_upload(id, "12345");
    CHECK(again.status == 201);
    CHECK(again.field("x-amz-archive-id") == archive);
    CHECK(describe()["NumberOfArchives"] == 1);
}
