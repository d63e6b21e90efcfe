// Archives and multipart uploads.
#include <algorithm>

#include "tests/model/model.hpp"
#include "tests/model/rules.hpp"

namespace firn::test::model {
namespace {

constexpr std::uint64_t parts_max = 10'000;

ArchivePtr find_archive(Vault const& vault, std::string const& id) {
    for (auto const& archive : vault.archives) {
        if (archive->id == id) return archive;
    }
    return nullptr;
}

Upload* find_upload(Vault& vault, std::string const& id) {
    for (auto& upload : vault.uploads) {
        if (upload.id == id) return &upload;
    }
    return nullptr;
}

Upload& open_upload(Vault& vault, std::string const& id) {
    auto* const upload = find_upload(vault, id);
    if (upload == nullptr || upload->state != Upload::State::open) throw not_found;
    return *upload;
}

Expected created(Owner const& owner, Vault const& vault, ArchivePtr const& archive) {
    auto const prefix = "/" + owner.account + "/vaults/" + vault.name + "/archives/";
    Expected expected{.status = 201, .fields = {{"x-amz-sha256-tree-hash", archive->hash}}};
    expected.learn = [archive, prefix](RawReply const& reply) {
        auto const id = reply.field("x-amz-archive-id").value_or("");
        if (archive->id.empty()) archive->id = id;
        if (id.size() != 138 || archive->id != id || reply.field("Location") != prefix + id) {
            throw std::runtime_error("a wrong archive id or Location");
        }
    };
    return expected;
}

ArchivePtr make_archive(std::string description, std::string content, Time now, std::int64_t number) {
    auto archive = std::make_shared<Archive>();
    archive->description = std::move(description);
    archive->hash = tree_hash_of(content);
    archive->content = std::move(content);
    archive->created_at = now;
    archive->number = number;
    return archive;
}

json describe_upload(Upload const& upload, std::string const& arn) {
    return {{"ArchiveDescription", upload.description ? json(*upload.description) : json()},
            {"CreationDate", milliseconds_text(upload.created_at)},
            {"MultipartUploadId", upload.id},
            {"PartSizeInBytes", upload.part_size},
            {"VaultARN", arn}};
}

// The parts end to end. Throws where they leave a gap: inner ones that are too short do, too.
std::string joined_parts(Upload const& upload) {
    std::string content;
    for (auto const& [first, part] : upload.parts) {
        if (first != content.size()) throw invalid;
        content += part;
    }
    return content;
}

std::pair<std::uint64_t, std::uint64_t> content_range(Call const& call) {
    auto const text = call.field("Content-Range").value_or("");
    if (text.empty()) throw missing;
    if (!text.starts_with("bytes ") || !text.ends_with("/*")) throw invalid;
    auto const range = range_of(text.substr(6, text.size() - 8));
    if (!range || range->second - range->first + 1 != call.body.size()) throw invalid;
    return *range;
}

}  // namespace

Expected Model::upload_archive(Call const& call) {
    if (call.body.empty()) throw invalid;
    check_hash_fields(call);
    auto const description = call.field("x-amz-archive-description").value_or("");
    if (!is_description(description)) throw invalid;
    auto& vault = vault_of(call);
    check_content(call);
    vault.archives.push_back(make_archive(description, call.body, now_, ++last_number_));
    note_write(vault);
    return created(owner_of(call), vault, vault.archives.back());
}

Expected Model::delete_archive(Call const& call) {
    auto& vault = vault_of(call);
    if (auto const archive = find_archive(vault, call.id)) {
        if (!archive->deleted) note_write(vault);
        archive->deleted = true;
        return {.status = 204};
    }
    for (auto const& [name, other] : owner_of(call).vaults) {
        if (find_archive(other, call.id)) throw invalid;
    }
    throw not_found;
}

Expected Model::initiate_upload(Call const& call) {
    auto const part_size = number_of(call.field("x-amz-part-size").value_or(""));
    if (!part_size || *part_size < 1 << 20 || *part_size > 4ull << 30) throw invalid;
    if ((*part_size & (*part_size - 1)) != 0) throw invalid;
    auto const description = call.field("x-amz-archive-description");
    if (!is_description(description.value_or(""))) throw invalid;
    auto& vault = vault_of(call);
    Upload upload;
    upload.description = description;
    upload.part_size = *part_size;
    upload.created_at = now_;
    upload.due_at = now_ + std::chrono::hours(24);
    upload.number = ++last_number_;
    vault.uploads.push_back(upload);
    return {.status = 201, .learn = [&vault](RawReply const& reply) {
                vault.uploads.back().id = reply.field("x-amz-multipart-upload-id").value();
            }};
}

Expected Model::upload_part(Call const& call) {
    auto const range = content_range(call);
    check_hash_fields(call);
    auto& upload = open_upload(vault_of(call), call.id);
    if (range.first % upload.part_size != 0 || call.body.size() > upload.part_size) throw invalid;
    if (range.first / upload.part_size + 1 > parts_max) throw invalid;
    check_content(call);
    upload.parts[range.first] = call.body;
    upload.due_at = now_ + std::chrono::hours(24);
    return {.status = 204, .fields = {{"x-amz-sha256-tree-hash", tree_hash_of(call.body)}}};
}

Expected Model::complete_upload(Call const& call) {
    auto const size_text = call.field("x-amz-archive-size").value_or("");
    if (size_text.empty()) throw missing;
    auto const size = number_of(size_text);
    if (!size || *size == 0) throw invalid;
    auto const hash = call.field("x-amz-sha256-tree-hash").value_or("");
    if (hash.empty()) throw missing;
    if (hash.size() % 2 != 0) throw invalid;
    auto& vault = vault_of(call);
    auto const* const known = find_upload(vault, call.id);
    if (known != nullptr && known->state == Upload::State::completed) {
        if (known->archive->content.size() != *size || known->archive->hash != hash) throw invalid;
        return created(owner_of(call), vault, known->archive);
    }
    auto& upload = open_upload(vault, call.id);
    auto content = joined_parts(upload);
    if (content.size() != *size) throw invalid;
    if (tree_hash_of(content) != hash) throw invalid;
    upload.archive = make_archive(upload.description.value_or(""), std::move(content), now_, ++last_number_);
    upload.state = Upload::State::completed;
    upload.parts.clear();
    upload.due_at = now_ + std::chrono::hours(24);
    vault.archives.push_back(upload.archive);
    note_write(vault);
    return created(owner_of(call), vault, upload.archive);
}

Expected Model::abort_upload(Call const& call) {
    auto* const upload = find_upload(vault_of(call), call.id);
    if (upload == nullptr || upload->state == Upload::State::completed) throw not_found;
    if (upload->state == Upload::State::open) upload->due_at = now_ + std::chrono::hours(24);
    upload->state = Upload::State::aborted;
    upload->parts.clear();
    return {.status = 204};
}

Expected Model::list_parts(Call const& call) {
    auto const limit = page_limit(call, 50);
    auto const& upload = open_upload(vault_of(call), call.id);
    auto const scope = "parts " + std::to_string(upload.number);
    auto const from = static_cast<std::uint64_t>(place_of(call, scope, 0));
    auto body = describe_upload(upload, owner_of(call).arn(call.vault));
    body["Marker"] = nullptr;
    body["Parts"] = json::array();
    Expected expected{.status = 200};
    for (auto part = upload.parts.lower_bound(from); part != upload.parts.end(); ++part) {
        if (body["Parts"].size() == limit) {
            body["Marker"] = any_text;
            expected.learn = learn_marker(scope, static_cast<std::int64_t>(part->first));
            break;
        }
        auto const last = part->first + part->second.size() - 1;
        body["Parts"].push_back({{"RangeInBytes", std::to_string(part->first) + "-" + std::to_string(last)},
                                 {"SHA256TreeHash", tree_hash_of(part->second)}});
    }
    expected.body = body;
    return expected;
}

Expected Model::list_uploads(Call const& call) {
    auto const limit = page_limit(call, 50);
    auto& vault = vault_of(call);
    std::int64_t from = 0;
    if (auto const marker = call.parameter("marker")) {
        auto const* const upload = find_upload(vault, *marker);
        if (upload == nullptr) throw invalid;
        from = upload->number;
    }
    json list = json::array();
    json marker;
    for (auto const& upload : vault.uploads) {
        if (upload.state != Upload::State::open || upload.number < from) continue;
        if (list.size() == limit) {
            marker = upload.id;
            break;
        }
        list.push_back(describe_upload(upload, owner_of(call).arn(call.vault)));
    }
    return {.status = 200, .body = json{{"Marker", marker}, {"UploadsList", list}}};
}

}  // namespace firn::test::model
