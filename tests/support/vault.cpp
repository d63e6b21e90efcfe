#include "tests/support/vault.hpp"

#include <stdexcept>

namespace firn::test {

using namespace std::chrono_literals;
using nlohmann::json;

std::string policy_text(json const& changes) {
    using nlohmann::ordered_json;
    ordered_json statement = {
        {"Effect", "Deny"}, {"Principal", "*"}, {"Action", "glacier:DeleteArchive"}, {"Resource", vault_arn}};
    statement.update(ordered_json(changes));
    return ordered_json{{"Version", "2012-10-17"}, {"Statement", {statement}}}.dump();
}

std::string policy_body(json const& policy) {
    return json{{"Policy", policy}}.dump();
}

json retrieval_of(std::string const& archive) {
    return {{"Type", "archive-retrieval"}, {"ArchiveId", archive}};
}

Vault::Vault(Config config) : Api(std::move(config)) {
    create_vault("photos");
}

std::string Vault::at(std::string const& rest) {
    return vault_path + ("/" + rest);
}

json Vault::describe() {
    return json::parse(call("GET", vault_path).body);
}

std::string Vault::begin_retrieval(std::string const& archive, json parameters) {
    parameters.update(retrieval_of(archive));
    return initiate("photos", parameters);
}

std::string Vault::retrieve(std::string const& archive, json const& parameters) {
    auto job = begin_retrieval(archive, parameters);
    advance(3s);
    return job;
}

std::string Vault::inventory(json parameters) {
    parameters["Type"] = "inventory-retrieval";
    auto const job = initiate("photos", parameters);
    advance(2s);
    return output("photos", job).body;
}

json Vault::list_jobs(std::string const& query) {
    return json::parse(call("GET", at("jobs") + query).body)["JobList"];
}

std::string Vault::upload_path(std::string const& id) {
    return at("multipart-uploads/" + id);
}

RawReply Vault::try_begin_upload(RawFields fields) {
    return call("POST", at("multipart-uploads"), {}, std::move(fields));
}

std::string Vault::begin_upload(std::size_t part_size, std::string const& description) {
    RawFields fields = {{"x-amz-part-size", std::to_string(part_size)}};
    if (!description.empty()) fields.emplace_back("x-amz-archive-description", description);
    return try_begin_upload(fields).field("x-amz-multipart-upload-id").value();
}

RawReply Vault::put_part(std::string const& id, std::string const& part, std::string const& content_range) {
    auto fields = hash_fields(part);
    fields.emplace_back("Content-Range", content_range);
    return call("PUT", upload_path(id), part, fields);
}

RawReply Vault::put_part(std::string const& id, std::string const& part, std::size_t first) {
    return put_part(id, part, content_range(first, part.size()));
}

void Vault::put_parts(std::string const& id, std::string const& content, std::size_t part_size) {
    for (std::size_t first = 0; first < content.size(); first += part_size) {
        auto const reply = put_part(id, content.substr(first, part_size), first);
        if (reply.status != 204) throw std::runtime_error("unexpected reply: " + error_text(reply));
    }
}

RawReply Vault::complete_upload(std::string const& id, std::size_t size, std::string const& hash) {
    return call("POST", upload_path(id), {},
                {{"x-amz-archive-size", std::to_string(size)}, {"x-amz-sha256-tree-hash", hash}});
}

RawReply Vault::complete_upload(std::string const& id, std::string const& content) {
    return complete_upload(id, content.size(), tree_hash(content));
}

RawReply Vault::abort_upload(std::string const& id) {
    return call("DELETE", upload_path(id));
}

json Vault::list_parts(std::string const& id, std::string const& query) {
    return json::parse(call("GET", upload_path(id) + query).body);
}

json Vault::list_uploads(std::string const& query) {
    return json::parse(call("GET", at("multipart-uploads") + query).body);
}

std::string content_range(std::size_t first, std::size_t size) {
    return "bytes " + std::to_string(first) + "-" + std::to_string(first + size - 1) + "/*";
}

}  // namespace firn::test
