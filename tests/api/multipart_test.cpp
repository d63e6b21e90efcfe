// Multipart uploads on the wire: parts are byte ranges, in any order and again, until the tree hash combines.
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>

#include "tests/support/api_client.hpp"

using namespace firn::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";
constexpr char invalid[] = "400 InvalidParameterValueException: ";
constexpr char uploads[] = "/-/vaults/photos/multipart-uploads";

std::string range_of(std::size_t first, std::size_t size) {
    return "bytes " + std::to_string(first) + "-" + std::to_string(first + size - 1) + "/*";
}

RawFields completion_of(std::string const& content) {
    return {{"x-amz-archive-size", std::to_string(content.size())},
            {"x-amz-sha256-tree-hash", tree_hash(content)}};
}

struct Vault : Api {
    Vault() { create_vault("photos"); }

    RawReply try_begin(RawFields fields) { return call("POST", uploads, {}, std::move(fields)); }
    RawReply try_begin(std::string const& part_size) { return try_begin({{"x-amz-part-size", part_size}}); }
    // The upload id.
    std::string begin(std::size_t part_size = mebibyte) {
        return try_begin(std::to_string(part_size)).field("x-amz-multipart-upload-id").value();
    }
    std::string path(std::string const& id) { return uploads + ("/" + id); }
    RawReply put(std::string const& id, std::string const& part, std::string const& range) {
        auto fields = hash_fields(part);
        fields.emplace_back("Content-Range", range);
        return call("PUT", path(id), part, fields);
    }
    RawReply put(std::string const& id, std::string const& part, std::size_t first) {
        return put(id, part, range_of(first, part.size()));
    }
    void put_all(std::string const& id, std::string const& content, std::size_t part_size = mebibyte) {
        for (std::size_t first = 0; first < content.size(); first += part_size) {
            CHECK(put(id, content.substr(first, part_size), first).status == 204);
        }
    }
    RawReply complete(std::string const& id, std::string const& content) {
        return call("POST", path(id), {}, completion_of(content));
    }
    json parts(std::string const& id, std::string const& query = "") {
        return json::parse(call("GET", path(id) + query).body);
    }
    json list(std::string const& query = "") { return json::parse(call("GET", uploads + query).body); }
    std::string retrieve(std::string const& archive, RawFields fields = {}) {
        auto const job = initiate("photos", {{"Type", "archive-retrieval"}, {"ArchiveId", archive}});
        advance(3s);
        return output("photos", job, std::move(fields)).body;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Vault, "an upload begins with an id in header and path, a new one each time") {
    auto const reply = try_begin("1048576");
    CHECK(reply.status == 201);
    CHECK(reply.body.empty());
    auto const id = reply.field("x-amz-multipart-upload-id").value();
    CHECK(std::regex_match(id, std::regex("[A-Za-z0-9_-]{92}")));
    CHECK(reply.field("Location") == "/000000000000/vaults/photos/multipart-uploads/" + id);
    CHECK(begin() != id);
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
        CHECK(error_text(try_begin(size)) == refusal(size));
    }
    CHECK(error_text(try_begin(RawFields())) == refusal("null"));
    CHECK(try_begin("4294967296").status == 201);
    CHECK(try_begin("2097152").status == 201);
    CHECK(list()["UploadsList"].size() == 2);
}

TEST_CASE_FIXTURE(Vault,
                  "a description loses its leading spaces, and breaks the same rules as an archive's") {
    auto const begin_with = [&](std::string const& description) {
        return try_begin({{"x-amz-part-size", "1048576"}, {"x-amz-archive-description", description}});
    };
    auto const id = begin_with("   my  photo").field("x-amz-multipart-upload-id").value();
    CHECK(parts(id)["ArchiveDescription"] == "my  photo");
    CHECK(list()["UploadsList"][0]["ArchiveDescription"] == "my  photo");
    CHECK(parts(begin())["ArchiveDescription"].is_null());
    CHECK(begin_with(std::string(1024, 'x')).status == 201);
    CHECK(error_text(begin_with(std::string(1025, 'x'))).starts_with(invalid));
    CHECK(error_text(begin_with("caf\xc3\xa9")).starts_with(invalid));
}

TEST_CASE_FIXTURE(Vault, "parts in any order become an archive that comes back byte for byte") {
    auto const content = content_of(3 * mebibyte + 5);
    auto const id = begin();
    for (std::size_t const first : {3 * mebibyte, mebibyte, std::size_t(0), 2 * mebibyte}) {
        auto const part = content.substr(first, mebibyte);
        auto const reply = put(id, part, first);
        CHECK(reply.status == 204);
        CHECK(reply.field("x-amz-sha256-tree-hash") == tree_hash(part));
    }
    auto const reply = complete(id, content);
    CHECK(reply.status == 201);
    CHECK(reply.body.empty());
    auto const archive = reply.field("x-amz-archive-id").value();
    CHECK(std::regex_match(archive, std::regex("[A-Za-z0-9_-]{138}")));
    CHECK(reply.field("Location") == "/000000000000/vaults/photos/archives/" + archive);
    CHECK(reply.field("x-amz-sha256-tree-hash") == tree_hash(content));
    CHECK(json::parse(call("GET", "/-/vaults/photos").body)["SizeInBytes"] == content.size() + 32'768);

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
    auto const id = begin(2 * mebibyte);
    put_all(id, content, 2 * mebibyte);
    auto const archive = complete(id, content).field("x-amz-archive-id").value();
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

TEST_CASE_FIXTURE(Vault, "the same range again replaces the part, unless its hash is wrong") {
    auto const content = content_of(2 * mebibyte);
    auto const id = begin();
    put_all(id, content);
    auto const replacement = content_of(mebibyte, 7);
    auto fields = hash_fields(replacement);
    fields.emplace_back("Content-Range", range_of(0, mebibyte));
    SUBCASE("replaced") {
        CHECK(call("PUT", path(id), replacement, fields).status == 204);
        CHECK(parts(id)["Parts"].size() == 2);
        CHECK(complete(id, content).status == 400);
        auto const changed = replacement + content.substr(mebibyte);
        CHECK(retrieve(complete(id, changed).field("x-amz-archive-id").value()) == changed);
    }
    SUBCASE("a wrong tree hash leaves the old part whole") {
        auto const sent = std::string(64, '0');
        fields[1].second = sent;
        CHECK(error_text(call("PUT", path(id), replacement, fields)) ==
              invalid + ("Checksum mismatch: expected " + sent) + ", computed " + tree_hash(replacement));
        CHECK(retrieve(complete(id, content).field("x-amz-archive-id").value()) == content);
    }
    SUBCASE("a wrong content hash does, too") {
        fields[0].second = std::string(64, '0');
        CHECK(call("PUT", path(id), replacement, fields).status == 403);
        CHECK(parts(id)["Parts"][0]["SHA256TreeHash"] ==
              tree_hash(std::string_view(content).substr(0, mebibyte)));
        CHECK(retrieve(complete(id, content).field("x-amz-archive-id").value()) == content);
    }
}

TEST_CASE_FIXTURE(Vault, "a range that does not fit the length, or is none, is echoed") {
    auto const id = begin();
    auto const length = [](std::string const& range) {
        return invalid + ("Content-Range: " + range) + " is incompatible with Content-Length: 5";
    };
    CHECK(error_text(put(id, "12345", "bytes 0-5/*")) == length("bytes 0-5/*"));
    CHECK(error_text(put(id, "12345", "bytes 0-3/*")) == length("bytes 0-3/*"));
    for (std::string const range :
         {"bytes 4-0/*", "bytes%200-4/*", "bytes=0-4/*", "0-4", "0-4/*", "bytes 0-4", "bytes 0-4/x",
          "bytes -4/*", "bytes 0-/*", "bytes a-b/*", "bytes 0-4/", "bytes 0-18446744073709551620/*"}) {
        CAPTURE(range);
        CHECK(error_text(put(id, "12345", range)) == invalid + ("Invalid Content-Range: " + range));
    }
    CHECK(parts(id)["Parts"].empty());
    CHECK(put(id, "12345", "bytes 0-4/5").status == 204);
    CHECK(parts(id)["Parts"].size() == 1);
}

TEST_CASE_FIXTURE(Vault, "a part of no bytes is refused, whatever range it claims") {
    auto const id = begin();
    for (std::string const range : {"bytes 0-18446744073709551615/*", "bytes 0-0/*"}) {
        CAPTURE(range);
        CHECK(error_text(put(id, "", range)).starts_with("400 "));
    }
    CHECK(parts(id)["Parts"].empty());
}

TEST_CASE_FIXTURE(Vault, "a part begins at a multiple of the part size and is no longer") {
    auto const id = begin();
    CHECK(error_text(put(id, "12345", 5)).starts_with(invalid));
    CHECK(error_text(put(id, "12345", mebibyte + 1)).starts_with(invalid));
    CHECK(parts(id)["Parts"].empty());
    CHECK(put(id, "12345", mebibyte).status == 204);
    // The last request of this client: a refusal without reading the body closes the connection.
    CHECK(error_text(put(id, std::string(mebibyte + 1, 'x'), 0ul)).starts_with(invalid));
}

TEST_CASE_FIXTURE(Vault, "the ten thousand and first part is one by its position") {
    auto const id = begin();
    CHECK(put(id, "12345", 9999 * mebibyte).status == 204);
    CHECK(error_text(put(id, "12345", 10'000 * mebibyte)) ==
          invalid + std::string("This is part number 10001 for the current multipart upload. It exceeds the "
                                "limit of 10000 parts."));
    CHECK(error_text(put(id, "12345", 10'007 * mebibyte)).find("part number 10008 ") != std::string::npos);
}

TEST_CASE_FIXTURE(Vault, "a part without one of its headers is refused and names it") {
    auto const id = begin();
    auto all = hash_fields("12345");
    all.emplace_back("Content-Range", "bytes 0-4/*");
    for (auto const& missing : all) {
        RawFields fields;
        std::copy_if(all.begin(), all.end(), std::back_inserter(fields),
                     [&](auto const& field) { return field != missing; });
        CHECK(error_text(call("PUT", path(id), "12345", fields)) ==
              "400 MissingParameterValueException: Required parameter missing: " + missing.first);
    }
    all[1].second = "000";
    CHECK(error_text(call("PUT", path(id), "12345", all)) ==
          invalid + std::string("Invalid x-amz-sha256-tree-hash: 000"));
}

TEST_CASE_FIXTURE(Vault, "an unknown upload, and one of another vault, is not found by any operation") {
    create_vault("other");
    auto const id = begin();
    put_all(id, "12345");
    auto part = hash_fields("12345");
    part.emplace_back("Content-Range", "bytes 0-4/*");
    for (std::string const target :
         {"/-/vaults/photos/multipart-uploads/unknown", "/-/vaults/other/multipart-uploads/"}) {
        auto const at = target.ends_with('/') ? target + id : target;
        CAPTURE(at);
        CHECK(error_text(call("PUT", at, "12345", part)).starts_with(not_found));
        CHECK(error_text(call("POST", at, {}, completion_of("12345"))).starts_with(not_found));
        CHECK(error_text(call("GET", at)).starts_with(not_found));
        CHECK(error_text(call("DELETE", at)).starts_with(not_found));
    }
    CHECK(json::parse(call("GET", "/-/vaults/other/multipart-uploads").body)["UploadsList"].empty());
    CHECK(complete(id, "12345").status == 201);
}

TEST_CASE_FIXTURE(Vault, "a short inner part passes its upload and fails the completion") {
    auto const content = content_of(2 * mebibyte);
    auto const id = begin();
    CHECK(put(id, content.substr(0, 100), 0ul).status == 204);
    CHECK(put(id, content.substr(mebibyte), mebibyte).status == 204);
    CHECK(error_text(complete(id, content)).starts_with(invalid));
    // Not even with the size and the hash of what is there.
    auto const joined = content.substr(0, 100) + content.substr(mebibyte);
    CHECK(error_text(complete(id, joined)).starts_with(invalid));
    CHECK(put(id, content.substr(0, mebibyte), 0ul).status == 204);
    CHECK(retrieve(complete(id, content).field("x-amz-archive-id").value()) == content);
}

TEST_CASE_FIXTURE(Vault, "a completion that fails says why and leaves the upload as it was") {
    auto const content = content_of(2 * mebibyte + 5);
    auto const id = begin();
    auto const finish = [&](std::string const& size, std::string const& hash) {
        RawFields fields;
        if (!size.empty()) fields.emplace_back("x-amz-archive-size", size);
        if (!hash.empty()) fields.emplace_back("x-amz-sha256-tree-hash", hash);
        return error_text(call("POST", path(id), {}, fields));
    };
    auto const size = std::to_string(content.size());
    auto const hash = tree_hash(content);
    auto const missing = std::string("400 MissingParameterValueException: Required parameter missing: ");
    CHECK(finish(size, hash).starts_with(invalid));  // no parts
    put(id, content.substr(0, mebibyte), 0ul);
    put(id, content.substr(2 * mebibyte), 2 * mebibyte);
    CHECK(finish(size, hash).starts_with(invalid));  // a gap
    put(id, content.substr(mebibyte, mebibyte), mebibyte);
    CHECK(finish("", hash) == missing + "x-amz-archive-size");
    CHECK(finish(size, "") == missing + "x-amz-sha256-tree-hash");
    for (std::string const wrong : {"2097156", "2097158", "0", "-1", "x", "99999999999999999999"}) {
        CAPTURE(wrong);
        CHECK(finish(wrong, hash).starts_with(invalid));
    }
    for (auto const& wrong : {std::string(64, '0'), hash_fields(content)[0].second, std::string("000")}) {
        CHECK(finish(size, wrong) == invalid + ("Invalid x-amz-sha256-tree-hash: " + wrong));
    }
    CHECK(json::parse(call("GET", "/-/vaults/photos").body)["NumberOfArchives"] == 0);
    CHECK(parts(id)["Parts"].size() == 3);
    CHECK(retrieve(complete(id, content).field("x-amz-archive-id").value()) == content);
}
