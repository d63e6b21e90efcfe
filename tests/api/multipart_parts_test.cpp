// Multipart uploads: how they begin, and which parts they take.
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>

#include "tests/support/vault.hpp"

using namespace firn::test;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";
constexpr char invalid[] = "400 InvalidParameterValueException: ";

}  // namespace

TEST_CASE_FIXTURE(Vault, "an upload begins with an id in header and path, a new one each time") {
    auto const reply = try_begin_upload();
    CHECK(reply.status == 201);
    CHECK(reply.body == "{}");
    auto const id = reply.field("x-amz-multipart-upload-id").value();
    CHECK(std::regex_match(id, std::regex("[A-Za-z0-9_-]{92}")));
    CHECK(reply.field("Location") == "/000000000000/vaults/photos/multipart-uploads/" + id);
    CHECK(begin_upload() != id);
    CHECK(error_text(call("POST", "/-/vaults/nope/multipart-uploads", {}, {{"x-amz-part-size", "1048576"}}))
              .starts_with("404 ResourceNotFoundException: Vault not found for ARN: "));
}

TEST_CASE_FIXTURE(Vault, "a part size is a power of two from 1 MiB to 4 GiB, or is refused with itself") {
    auto const refusal = [](std::string const& sent) {
        return invalid + ("Invalid part size: " + sent) +
               ". Part size must not be null, must be a power of two and be between 1048576 and 4294967296 "
               "bytes.";
    };
    for (std::string const size :
         {"3145728", "524288", "8589934592", "1048577", "0", "-1048576", "1 MiB", "18446744073709551616"}) {
        CAPTURE(size);
        CHECK(error_text(try_begin_upload({{"x-amz-part-size", size}})) == refusal(size));
    }
    CHECK(error_text(try_begin_upload(RawFields())) == refusal("null"));
    CHECK(try_begin_upload({{"x-amz-part-size", "4294967296"}}).status == 201);
    CHECK(try_begin_upload({{"x-amz-part-size", "2097152"}}).status == 201);
    CHECK(list_uploads()["UploadsList"].size() == 2);
}

TEST_CASE_FIXTURE(Vault,
                  "a description loses its leading spaces, and breaks the same rules as an archive's") {
    auto const begin_with = [&](std::string const& description) {
        return try_begin_upload({{"x-amz-part-size", "1048576"}, {"x-amz-archive-description", description}});
    };
    auto const id = begin_with("   my  photo").field("x-amz-multipart-upload-id").value();
    CHECK(list_parts(id)["ArchiveDescription"] == "my  photo");
    CHECK(list_uploads()["UploadsList"][0]["ArchiveDescription"] == "my  photo");
    CHECK(list_parts(begin_upload())["ArchiveDescription"].is_null());
    CHECK(begin_with(std::string(1024, 'x')).status == 201);
    CHECK(error_text(begin_with(std::string(1025, 'x'))).starts_with(invalid));
    CHECK(error_text(begin_with("caf\xc3\xa9")).starts_with(invalid));
}

TEST_CASE_FIXTURE(Vault, "the same range again replaces the part, unless its hash is wrong") {
    auto const content = content_of(2 * mebibyte);
    auto const id = begin_upload();
    put_parts(id, content);
    auto const replacement = content_of(mebibyte, 7);
    auto fields = hash_fields(replacement);
    fields.emplace_back("Content-Range", content_range(0, mebibyte));
    SUBCASE("replaced") {
        CHECK(call("PUT", upload_path(id), replacement, fields).status == 204);
        CHECK(list_parts(id)["Parts"].size() == 2);
        CHECK(complete_upload(id, content).status == 400);
        auto const changed = replacement + content.substr(mebibyte);
        CHECK(
            output("photos", retrieve(complete_upload(id, changed).field("x-amz-archive-id").value())).body ==
            changed);
    }
    SUBCASE("a wrong tree hash leaves the old part whole") {
        auto const sent = std::string(64, '0');
        fields[1].second = sent;
        CHECK(error_text(call("PUT", upload_path(id), replacement, fields)) ==
              invalid + ("Checksum mismatch: expected " + sent) + ", computed " + tree_hash(replacement));
        CHECK(
            output("photos", retrieve(complete_upload(id, content).field("x-amz-archive-id").value())).body ==
            content);
    }
    SUBCASE("a wrong content hash does, too") {
        fields[0].second = std::string(64, '0');
        CHECK(call("PUT", upload_path(id), replacement, fields).status == 403);
        CHECK(list_parts(id)["Parts"][0]["SHA256TreeHash"] ==
              tree_hash(std::string_view(content).substr(0, mebibyte)));
        CHECK(
            output("photos", retrieve(complete_upload(id, content).field("x-amz-archive-id").value())).body ==
            content);
    }
}

TEST_CASE_FIXTURE(Vault, "a range that does not fit the length, or is none, is echoed") {
    auto const id = begin_upload();
    auto const length = [](std::string const& range) {
        return invalid + ("Content-Range: " + range) + " is incompatible with Content-Length: 5";
    };
    CHECK(error_text(put_part(id, "12345", "bytes 0-5/*")) == length("bytes 0-5/*"));
    CHECK(error_text(put_part(id, "12345", "bytes 0-3/*")) == length("bytes 0-3/*"));
    for (std::string const range :
         {"bytes 4-0/*", "bytes%200-4/*", "bytes=0-4/*", "0-4", "0-4/*", "bytes 0-4", "bytes 0-4/x",
          "bytes -4/*", "bytes 0-/*", "bytes a-b/*", "bytes 0-4/", "bytes 0-18446744073709551620/*"}) {
        CAPTURE(range);
        CHECK(error_text(put_part(id, "12345", range)) == invalid + ("Invalid Content-Range: " + range));
    }
    CHECK(list_parts(id)["Parts"].empty());
    CHECK(put_part(id, "12345", "bytes 0-4/5").status == 204);
    CHECK(list_parts(id)["Parts"].size() == 1);
}

TEST_CASE_FIXTURE(Vault, "a part of no bytes is refused, whatever range it claims") {
    auto const id = begin_upload();
    for (std::string const range : {"bytes 0-18446744073709551615/*", "bytes 0-0/*"}) {
        CAPTURE(range);
        CHECK(error_text(put_part(id, "", range)).starts_with("400 "));
    }
    CHECK(list_parts(id)["Parts"].empty());
}

TEST_CASE_FIXTURE(Vault, "a part begins at a multiple of the part size and is no longer") {
    auto const id = begin_upload();
    CHECK(error_text(put_part(id, "12345", 5)).starts_with(invalid));
    CHECK(error_text(put_part(id, "12345", mebibyte + 1)).starts_with(invalid));
    CHECK(list_parts(id)["Parts"].empty());
    CHECK(put_part(id, "12345", mebibyte).status == 204);
    // The last request of this client: a refusal without reading the body closes the connection.
    CHECK(error_text(put_part(id, std::string(mebibyte + 1, 'x'), 0ul)).starts_with(invalid));
}

TEST_CASE_FIXTURE(Vault, "the ten thousand and first part is one by its position") {
    auto const id = begin_upload();
    CHECK(put_part(id, "12345", 9999 * mebibyte).status == 204);
    CHECK(error_text(put_part(id, "12345", 10'000 * mebibyte)) ==
          invalid + std::string("This is part number 10001 for the current multipart upload. It exceeds the "
                                "limit of 10000 parts."));
    CHECK(error_text(put_part(id, "12345", 10'007 * mebibyte)).find("part number 10008 ") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Vault, "a part without one of its headers is refused and names it") {
    auto const id = begin_upload();
    auto all = hash_fields("12345");
    all.emplace_back("Content-Range", "bytes 0-4/*");
    for (auto const& missing : all) {
        RawFields fields;
        std::copy_if(all.begin(), all.end(), std::back_inserter(fields),
                     [&](auto const& field) { return field != missing; });
        CHECK(error_text(call("PUT", upload_path(id), "12345", fields)) ==
              "400 MissingParameterValueException: Required parameter missing: " + missing.first);
    }
    all[1].second = "000";
    CHECK(error_text(call("PUT", upload_path(id), "12345", all)) ==
          invalid + std::string("Invalid x-amz-sha256-tree-hash: 000"));
}

TEST_CASE_FIXTURE(Vault, "an unknown upload, and one of another vault, is not found by any operation") {
    create_vault("other");
    auto const id = begin_upload();
    put_parts(id, "12345");
    RawFields const completion = {{"x-amz-archive-size", "5"},
                                  {"x-amz-sha256-tree-hash", tree_hash("12345")}};
    auto part = hash_fields("12345");
    part.emplace_back("Content-Range", "bytes 0-4/*");
    for (std::string const target :
         {"/-/vaults/photos/multipart-uploads/unknown", "/-/vaults/other/multipart-uploads/"}) {
        auto const at = target.ends_with('/') ? target + id : target;
        CAPTURE(at);
        CHECK(error_text(call("PUT", at, "12345", part)).starts_with(not_found));
        CHECK(error_text(call("POST", at, {}, completion)).starts_with(not_found));
        CHECK(error_text(call("GET", at)).starts_with(not_found));
        CHECK(error_text(call("DELETE", at)).starts_with(not_found));
    }
    CHECK(json::parse(call("GET", "/-/vaults/other/multipart-uploads").body)["UploadsList"].empty());
    CHECK(complete_upload(id, "12345").status == 201);
}

TEST_CASE_FIXTURE(Vault, "trap 13: parts are byte ranges, with neither ETag nor number") {
    auto const id = begin_upload();
    auto const reply = put_part(id, "12345", 7 * mebibyte);
    CHECK_FALSE(reply.field("ETag"));
    auto const parts = json::parse(call("GET", upload_path(id)).body)["Parts"];
    CHECK(parts ==
          json::array({{{"RangeInBytes", "7340032-7340036"}, {"SHA256TreeHash", tree_hash("12345")}}}));
    CHECK(call("PUT", upload_path(id) + "?partNumber=1", "12345", hash_fields("12345")).status == 400);
}

TEST_CASE_FIXTURE(Vault, "trap 14: the limit of 10000 parts is one of position") {
    auto const id = begin_upload();
    CHECK(
        error_text(put_part(id, "12345", 10'000 * mebibyte)) ==
        "400 InvalidParameterValueException: This is part number 10001 for the current multipart upload. It "
        "exceeds the limit of 10000 parts.");
    CHECK(put_part(id, "12345", 9'999 * mebibyte).status == 204);
}
