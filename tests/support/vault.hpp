// A server with one vault, "photos", and the calls that tests of all resources make below it.
#pragma once

#include "tests/support/api_client.hpp"

namespace firn::test {

inline constexpr char vault_path[] = "/-/vaults/photos";
inline constexpr char vault_arn[] = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";

// A policy with one statement, which denies DeleteArchive to everyone. `changes` replace members of the
// statement.
std::string policy_text(nlohmann::json const& changes = nlohmann::json::object());
// The body of a request that sets a policy. `policy` is a string in all valid requests.
std::string policy_body(nlohmann::json const& policy = policy_text());

// The parameters of a job.
nlohmann::json retrieval_of(std::string const& archive);

class Vault : public Api {
public:
    explicit Vault(Config config = test_config());

    // The path of what lies below the vault: at("tags").
    static std::string at(std::string const& rest);
    nlohmann::json describe();

    // --- Jobs, with the durations of the `fast` profile.

    // The id of a job that has just begun.
    std::string begin_retrieval(std::string const& archive,
                                nlohmann::json parameters = nlohmann::json::object());
    // The id of a job that has finished.
    std::string retrieve(std::string const& archive,
                         nlohmann::json const& parameters = nlohmann::json::object());
    // The output of an inventory retrieval.
    std::string inventory(nlohmann::json parameters = nlohmann::json::object());
    // The page's JobList.
    nlohmann::json list_jobs(std::string const& query = "");

    // --- Multipart uploads.

    static std::string upload_path(std::string const& id);
    RawReply try_begin_upload(RawFields fields = {{"x-amz-part-size", "1048576"}});
    // The upload id.
    std::string begin_upload(std::size_t part_size = mebibyte, std::string const& description = "");
    RawReply put_part(std::string const& id, std::string const& part, std::string const& content_range);
    // `first` is the position of the part's first byte.
    RawReply put_part(std::string const& id, std::string const& part, std::size_t first = 0);
    // All parts of the content; throws when one is refused.
    void put_parts(std::string const& id, std::string const& content, std::size_t part_size = mebibyte);
    RawReply complete_upload(std::string const& id, std::size_t size, std::string const& hash);
    RawReply complete_upload(std::string const& id, std::string const& content);
    RawReply abort_upload(std::string const& id);
    // Whole pages, with their markers.
    nlohmann::json list_parts(std::string const& id, std::string const& query = "");
    nlohmann::json list_uploads(std::string const& query = "");
};

// "bytes 0-4/*"
std::string content_range(std::size_t first, std::size_t size);

}  // namespace firn::test
