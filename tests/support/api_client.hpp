// A server in this process with a frozen clock, and a client that speaks Glacier to it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "server/app.hpp"
#include "tests/support/raw_client.hpp"

namespace firn::test {

inline constexpr std::size_t mebibyte = 1 << 20;

// Pseudo-random bytes, so that a wrong range shows.
std::string content_of(std::size_t size, std::uint32_t state = 1);

// A free port, memory only, the `fast` profile, and a fixed seed.
Config test_config();

class Api {
public:
    explicit Api(Config config = test_config());

    App& app() { return app_; }
    // Moves the frozen clock and waits until all work that became due is done.
    void advance(storage::Duration duration);

    // A request with the version header and `fields`.
    RawReply call(std::string_view method, std::string_view target, std::string_view body = {},
                  RawFields fields = {});

    void create_vault(std::string const& name);
    // An UploadArchive with the correct hashes, unless `fields` has others.
    RawReply try_upload(std::string const& vault, std::string const& content, RawFields fields = {});
    // The archive id.
    std::string upload(std::string const& vault, std::string const& content, RawFields fields = {});
    RawReply try_initiate(std::string const& vault, nlohmann::json const& parameters);
    // The job id.
    std::string initiate(std::string const& vault, nlohmann::json const& parameters);
    nlohmann::json describe_job(std::string const& vault, std::string const& job_id);
    RawReply output(std::string const& vault, std::string const& job_id, RawFields fields = {});

private:
    App app_;
    RawClient client_;
};

// The fields of an upload of `content`: both hashes.
RawFields hash_fields(std::string const& content);
std::string tree_hash(std::string_view content);
// The Authorization of a caller. The signature is not checked, so it is not a real one.
RawFields signed_by(std::string const& access_key, std::string const& region = "us-east-1");

// "400 InvalidParameterValueException: the message", to compare status, code and message at once.
std::string error_text(RawReply const& reply);

}  // namespace firn::test
