// Multipart uploads: aborted, given up for lack of parts, or gone with their vault.
#include <doctest/doctest.h>

#include "tests/support/vault.hpp"

using namespace firn::test;
using namespace std::chrono_literals;

namespace {

constexpr char not_found[] = "404 ResourceNotFoundException: ";

struct Uploads : Vault {
    bool is_gone(std::string const& id) {
        return error_text(call("GET", upload_path(id))).starts_with(not_found) &&
               error_text(put_part(id, "12345")).starts_with(not_found) &&
               error_text(complete_upload(id, "12345")).starts_with(not_found);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Uploads, "an aborted upload is gone, and aborting it again is no error for a day") {
    auto const id = begin_upload();
    put_part(id, "12345");
    CHECK(abort_upload(id).status == 204);
    CHECK(is_gone(id));
    CHECK(list_uploads()["UploadsList"].empty());
    advance(24h - 1ms);
    CHECK(abort_upload(id).status == 204);
    advance(1ms);
    CHECK(error_text(abort_upload(id)).starts_with(not_found));
    CHECK(describe()["NumberOfArchives"] == 0);
}

TEST_CASE_FIXTURE(Uploads, "an upload is dropped 24 hours after its last part") {
    auto const idle = begin_upload();
    auto const active = begin_upload();
    advance(23h);
    CHECK(put_part(active, "12345").status == 204);
    advance(1h - 1ms);
    CHECK(list_parts(idle)["MultipartUploadId"] == idle);
    advance(1ms);
    CHECK(is_gone(idle));
    CHECK(list_uploads()["UploadsList"].size() == 1);
    advance(23h - 1ms);
    CHECK(list_parts(active)["Parts"].size() == 1);
    advance(1ms);
    CHECK(is_gone(active));
    CHECK(list_uploads()["UploadsList"].empty());
}

TEST_CASE_FIXTURE(Uploads, "a refused part does not put off the end of its upload") {
    auto const id = begin_upload();
    advance(23h);
    auto fields = hash_fields("12345");
    fields[1].second = std::string(64, '0');
    fields.emplace_back("Content-Range", "bytes 0-4/*");
    CHECK(call("PUT", upload_path(id), "12345", fields).status == 400);
    advance(1h);
    CHECK(is_gone(id));
}

TEST_CASE_FIXTURE(Uploads, "open uploads do not keep a vault, and go with it") {
    auto const id = begin_upload();
    put_part(id, "12345");
    CHECK(call("DELETE", "/-/vaults/photos").status == 204);
    CHECK(error_text(call("GET", upload_path(id)))
              .starts_with("404 ResourceNotFoundException: Vault not found"));
    create_vault("photos");
    CHECK(list_uploads()["UploadsList"].empty());
    CHECK(is_gone(id));
}
