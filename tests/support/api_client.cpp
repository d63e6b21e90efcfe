#include "tests/support/api_client.hpp"

#include <stdexcept>

#include "storage/hash/content_hash.hpp"

namespace firn::test {
namespace {

App& start_frozen(App& app) {
    app.clock().freeze();
    app.start();
    // A test may set the clock back, so everything that is due now has to be done before.
    app.settle();
    return app;
}

storage::ContentDigests digests_of(std::string_view content) {
    storage::ContentHash hash;
    hash.update(std::as_bytes(std::span(content)));
    return hash.finish();
}

std::string require(RawReply const& reply, unsigned status, char const* field) {
    if (reply.status != status) throw std::runtime_error("unexpected reply: " + error_text(reply));
    return reply.field(field).value();
}

bool has(RawFields const& fields, std::string const& name) {
    for (auto const& field : fields) {
        if (field.first == name) return true;
    }
    return false;
}

}  // namespace

std::string content_of(std::size_t size, std::uint32_t state) {
    std::string content(size, '\0');
    for (auto& c : content) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return content;
}

Config test_config() {
    Config config;
    config.port = 0;
    config.in_memory = true;
    config.seed = "test";
    config.threads = 2;
    return config;
}

Api::Api(Config config) : app_(std::move(config)), client_(start_frozen(app_).port()) {}

void Api::advance(storage::Duration duration) {
    app_.clock().advance(duration);
    app_.settle();
}

RawReply Api::call(std::string_view method, std::string_view target, std::string_view body,
                   RawFields fields) {
    fields.emplace_back("x-amz-glacier-version", "2012-06-01");
    return client_.request(method, target, fields, body);
}

void Api::create_vault(std::string const& name) {
    require(call("PUT", "/-/vaults/" + name), 201, "Location");
}

RawReply Api::try_upload(std::string const& vault, std::string const& content, RawFields fields) {
    for (auto const& hash : hash_fields(content)) {
        if (!has(fields, hash.first)) fields.push_back(hash);
    }
    return call("POST", "/-/vaults/" + vault + "/archives", content, fields);
}

std::string Api::upload(std::string const& vault, std::string const& content, RawFields fields) {
    return require(try_upload(vault, content, std::move(fields)), 201, "x-amz-archive-id");
}

RawReply Api::try_initiate(std::string const& vault, nlohmann::json const& parameters) {
    return call("POST", "/-/vaults/" + vault + "/jobs", parameters.dump());
}

std::string Api::initiate(std::string const& vault, nlohmann::json const& parameters) {
    return require(try_initiate(vault, parameters), 202, "x-amz-job-id");
}

nlohmann::json Api::describe_job(std::string const& vault, std::string const& job_id) {
    return nlohmann::json::parse(call("GET", "/-/vaults/" + vault + "/jobs/" + job_id).body);
}

RawReply Api::output(std::string const& vault, std::string const& job_id, RawFields fields) {
    return call("GET", "/-/vaults/" + vault + "/jobs/" + job_id + "/output", {}, std::move(fields));
}

RawFields hash_fields(std::string const& content) {
    auto const digests = digests_of(content);
    return {{"x-amz-content-sha256", storage::to_hex(digests.linear)},
            {"x-amz-sha256-tree-hash", storage::to_hex(digests.tree)}};
}

std::string tree_hash(std::string_view content) {
    return storage::to_hex(digests_of(content).tree);
}

RawFields signed_by(std::string const& access_key, std::string const& region) {
    return {{"Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/20121101/" + region +
                                  "/glacier/aws4_request, SignedHeaders=host, Signature=0"}};
}

std::string error_text(RawReply const& reply) {
    auto const error = nlohmann::json::parse(reply.body, nullptr, false);
    if (!error.is_object() || !error.contains("code")) return std::to_string(reply.status) + " " + reply.body;
    return std::to_string(reply.status) + " " + error["code"].get<std::string>() + ": " +
           error["message"].get<std::string>();
}

}  // namespace firn::test
