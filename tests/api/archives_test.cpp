// Archives in one piece: uploaded, with what their hashes prove, and deleted.
#include <doctest/doctest.h>

#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;

namespace {

constexpr char hash_of_nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

TEST_CASE_FIXTURE(Vault, "an upload answers with the archive's id, tree hash and path") {
    auto const content = std::string(2 * mebibyte + mebibyte / 2, '0');
    auto const reply = try_upload("photos", content);
    CHECK(reply.status == 201);
    auto const id = reply.field("x-amz-archive-id").value();
    CHECK(std::regex_match(id, std::regex("[A-Za-z0-9_-]{138}")));
    CHECK(reply.field("Location") == "/000000000000/vaults/photos/archives/" + id);
    CHECK(reply.field("x-amz-sha256-tree-hash") ==
          "86118ad0c187fd240db59a37360e0e7f8a3a0c608eed740b4cd7b4271ab45171");
    CHECK(reply.body == "{}");
}

TEST_CASE_FIXTURE(Vault, "the same bytes twice are two archives") {
    CHECK(upload("photos", "a photo") != upload("photos", "a photo"));
    CHECK(describe()["NumberOfArchives"] == 2);
}

TEST_CASE_FIXTURE(Vault, "whatever the Content-Type says, the body is the archive") {
    CHECK(try_upload("photos", "a=b&c=%20", {{"Content-Type", "application/x-www-form-urlencoded"}}).status ==
          201);
}

TEST_CASE_FIXTURE(Vault, "an empty archive is refused") {
    CHECK(error_text(try_upload("photos", "")) ==
          "400 InvalidParameterValueException: Invalid Content-Length: 0");
}

TEST_CASE_FIXTURE(Vault, "a wrong tree hash is answered with both values") {
    auto const sent = std::string(64, '0');
    auto const reply = try_upload("photos", "a photo", {{"x-amz-sha256-tree-hash", sent}});
    CHECK(error_text(reply) == "400 InvalidParameterValueException: Checksum mismatch: expected " + sent +
                                   ", computed " + tree_hash("a photo"));
    CHECK(describe()["NumberOfArchives"] == 0);
}

TEST_CASE_FIXTURE(Vault,
                  "a tree hash that is too short is shown with 64 digits, of an archive and of a part") {
    auto const refused = [](std::string const& shown) {
        return "400 InvalidParameterValueException: Checksum mismatch: expected " + shown + ", computed " +
               tree_hash("a photo");
    };
    auto const id = begin_upload();
    for (auto const& [sent, shown] : {std::pair(std::string(32, '0'), std::string(64, '0')),
                                      {std::string("ab"), std::string(62, '0') + "ab"}}) {
        RawFields fields = {{"x-amz-sha256-tree-hash", sent}};
        auto const reply = try_upload("photos", "a photo", fields);
        CHECK(error_text(reply) == refused(shown));
        CHECK(reply.field("x-firn-hint").value().find("a tree hash has 64") != std::string::npos);
        fields.emplace_back("x-amz-content-sha256", hash_fields("a photo")[0].second);
        fields.emplace_back("Content-Range", content_range(0, 7));
        CHECK(error_text(call("PUT", upload_path(id), "a photo", fields)) == refused(shown));
    }
}

TEST_CASE_FIXTURE(Vault, "a tree hash that cannot be decoded is answered with itself") {
    CHECK(error_text(try_upload("photos", "a photo", {{"x-amz-sha256-tree-hash", "000"}})) ==
          "400 InvalidParameterValueException: Invalid x-amz-sha256-tree-hash: 000");
}

TEST_CASE_FIXTURE(Vault, "hashes compare without regard to case") {
    auto fields = hash_fields("a photo");
    for (auto& field : fields) {
        for (auto& c : field.second) c = static_cast<char>(std::toupper(c));
    }
    CHECK(try_upload("photos", "a photo", fields).status == 201);
}

TEST_CASE_FIXTURE(Vault, "the hint names the usual mistakes behind a wrong tree hash") {
    auto const content = std::string(mebibyte + 1, 'x');
    auto const hint = [&](std::string const& sent) {
        return try_upload("photos", content, {{"x-amz-sha256-tree-hash", sent}}).field("x-firn-hint").value();
    };
    CHECK(hint(hash_of_nothing).find("hash of nothing") != std::string::npos);
    CHECK(hint(hash_fields(content)[0].second).find("linear SHA-256") != std::string::npos);
}

TEST_CASE_FIXTURE(Vault, "a wrong content hash is a signature error") {
    auto const reply = try_upload("photos", "a photo", {{"x-amz-content-sha256", std::string(64, '0')}});
    CHECK(error_text(reply) ==
          "403 InvalidSignatureException: The value passed in as x-amz-content-sha256 does not match the "
          "computed "
          "payload hash. Computed digest: " +
              tree_hash("a photo") + " expected hash: " + std::string(64, '0'));
}

TEST_CASE_FIXTURE(Vault, "an upload without its hashes names the missing header") {
    for (std::string const missing : {"x-amz-content-sha256", "x-amz-sha256-tree-hash"}) {
        RawFields fields;
        for (auto const& field : hash_fields("a photo")) {
            if (field.first != missing) fields.push_back(field);
        }
        CHECK(error_text(call("POST", "/-/vaults/photos/archives", "a photo", fields)) ==
              "400 MissingParameterValueException: Required parameter missing: " + missing);
    }
    RawFields const tree_only = {{"x-amz-sha256-tree-hash", tree_hash("a photo")}};
    auto const hint = call("POST", "/-/vaults/photos/archives", "a photo", tree_only).field("x-firn-hint");
    CHECK(hint.value().find("SDK for Go") != std::string::npos);
}

TEST_CASE_FIXTURE(Vault, "a description is at most 1024 printable ASCII characters") {
    CHECK(try_upload("photos", "x", {{"x-amz-archive-description", std::string(1024, '~')}}).status == 201);
    for (auto const& description :
         {std::string(1025, 'x'), std::string("caf\xc3\xa9"), std::string("a\tb")}) {
        auto const reply = try_upload("photos", "x", {{"x-amz-archive-description", description}});
        CHECK(error_text(reply).starts_with("400 InvalidParameterValueException: "));
    }
}

TEST_CASE_FIXTURE(Vault, "an upload into an absent vault is refused") {
    CHECK(error_text(try_upload("nope", "a photo")) ==
          "404 ResourceNotFoundException: Vault not found for ARN: "
          "arn:aws:glacier:us-east-1:000000000000:vaults/nope");
}

TEST_CASE_FIXTURE(Vault, "deleting an archive again succeeds, an unknown one is not found") {
    auto const id = upload("photos", "a photo");
    CHECK(call("DELETE", "/-/vaults/photos/archives/" + id).status == 204);
    CHECK(call("DELETE", "/-/vaults/photos/archives/" + id).status == 204);
    CHECK(error_text(call("DELETE", "/-/vaults/photos/archives/unknown"))
              .starts_with("404 ResourceNotFoundException"));
    CHECK(describe()["NumberOfArchives"] == 0);
}

TEST_CASE_FIXTURE(Vault, "an archive of another vault is an invalid vault name") {
    auto const id = upload("photos", "a photo");
    create_vault("other");
    auto const expected =
        "400 InvalidParameterValueException: Invalid vault name: "
        "arn:aws:glacier:us-east-1:000000000000:vaults/other";
    CHECK(error_text(call("DELETE", "/-/vaults/other/archives/" + id)) == expected);
    CHECK(error_text(try_initiate("other", {{"Type", "archive-retrieval"}, {"ArchiveId", id}})) == expected);
}

TEST_CASE_FIXTURE(Vault, "trap 10: an empty archive is refused") {
    CHECK(error_text(try_upload("photos", "")) ==
          "400 InvalidParameterValueException: Invalid Content-Length: 0");
    CHECK(describe()["NumberOfArchives"] == 0);
}

TEST_CASE_FIXTURE(Vault, "trap 15: the content hash is linear, the other a tree") {
    auto const content = std::string(mebibyte, 'x') + "y";
    auto const fields = hash_fields(content);
    REQUIRE(fields[0].second != fields[1].second);
    CHECK(try_upload("photos", content).status == 201);
    CHECK(try_upload("photos", content, {{"x-amz-content-sha256", fields[1].second}}).status == 403);
    CHECK(try_upload("photos", content, {{"x-amz-sha256-tree-hash", fields[0].second}}).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 16: a tree hash is over binary hashes, and an odd one goes up unchanged") {
    // Computed by another implementation.
    auto const reply = try_upload("photos", std::string(2 * mebibyte + mebibyte / 2, '0'));
    CHECK(reply.field("x-amz-sha256-tree-hash") ==
          "86118ad0c187fd240db59a37360e0e7f8a3a0c608eed740b4cd7b4271ab45171");
}

TEST_CASE_FIXTURE(Vault, "trap 30: no Content-Type is needed, and none makes a form of an archive") {
    for (std::string const type : {"", "application/x-www-form-urlencoded", "multipart/form-data"}) {
        RawFields fields;
        if (!type.empty()) fields.emplace_back("Content-Type", type);
        auto const archive = upload("photos", "a=b&c=%20", fields);
        CHECK(output("photos", retrieve(archive)).body == "a=b&c=%20");
        CHECK(call("POST", at("tags?operation=add"), R"({"Tags":{"a":"b"}})", fields).status == 204);
    }
}

TEST_CASE_FIXTURE(Vault, "field trap: a flat hash does not pass for a tree hash") {
    auto const content = std::string(mebibyte, 'x') + "y";
    auto const linear = hash_fields(content)[0].second;
    CHECK(try_upload("photos", content, {{"x-amz-sha256-tree-hash", linear}}).status == 400);
    CHECK(try_upload("photos", content).field("x-amz-sha256-tree-hash") != linear);
}

TEST_CASE_FIXTURE(Vault, "field trap: the same content twice is two archives with two ids") {
    auto const first = upload("photos", "a photo");
    auto const second = upload("photos", "a photo");
    CHECK(first != second);
    CHECK(call("DELETE", at("archives/" + first)).status == 204);
    CHECK(output("photos", retrieve(second)).body == "a photo");
}
