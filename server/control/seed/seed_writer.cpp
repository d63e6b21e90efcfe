#include "server/control/seed/seed_writer.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/replace.hpp>
#include <nlohmann/json.hpp>

#include "server/control/refusal.hpp"
#include "server/glacier/operations/access_policy.hpp"
#include "server/glacier/operations/archives.hpp"
#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/operations/data_retrieval.hpp"
#include "server/glacier/operations/jobs.hpp"
#include "server/glacier/operations/notifications.hpp"
#include "server/glacier/operations/provisioned_capacity.hpp"
#include "server/glacier/operations/tags.hpp"
#include "server/glacier/operations/vault_lock.hpp"
#include "server/glacier/operations/vaults.hpp"
#include "server/identity/caller.hpp"
#include "server/text/timestamp.hpp"
#include "storage/blobs/synthetic.hpp"

namespace firn::control {
using nlohmann::json;
using text::JsonObject;

Seeded SeedWriter::write(JsonObject const& document) {
    place_.check_members(document, "the document", {"vaults", "accounts"});
    place_.each(document, "accounts", [this](JsonObject const& account) { write_account(account); });
    place_.each(document, "vaults", [this](JsonObject const& vault) { write_vault(vault); });
    return seeded_;
}

void SeedWriter::write_account(JsonObject const& account) {
    place_.check_members(account, "an account",
                         {"account", "region", "data_retrieval_policy", "provisioned_capacity"});
    auto const owner = owner_of(account);
    place_.in(account, "data_retrieval_policy", [&] {
        auto const rule = account.text_or_json("data_retrieval_policy").value();
        auto const body = fmt::format(R"({{"Policy": {{"Rules": [{}]}}}})", rule);
        glacier::set_data_retrieval_policy(request_to(owner, "", context_.now, body), transaction_);
    });
    place_.in(account, "provisioned_capacity", [&] {
        auto const units = account.integer("provisioned_capacity").value();
        if (units < 0) throw Refusal{400, "provisioned_capacity must be 0 or more"};
        for (std::int64_t i = 0; i < units; ++i) {
            glacier::purchase_provisioned_capacity(request_to(owner, "", context_.now), transaction_);
        }
    });
}

void SeedWriter::write_vault(JsonObject const& vault) {
    place_.check_members(vault, "a vault",
                         {"name", "account", "region", "created", "tags", "notifications", "access_policy",
                          "archives", "inventory", "lock", "jobs"});
    owner_ = owner_of(vault);
    vault_name_ = place_.require(vault, "name");
    archive_ids_.clear();
    auto const created_at = date(vault, "created", context_.now);
    glacier::create_vault(request_to(owner_, vault_name_, created_at), transaction_);
    ++seeded_.vaults;
    write_settings(vault);
    place_.each(vault, "archives", [&](JsonObject const& archive) { write_archives(archive, created_at); });
    if (vault.boolean("inventory").value_or(false)) take_inventory();
    place_.in(vault, "lock", [&] { write_lock(*vault.object("lock")); });
    place_.each(vault, "jobs", [this](JsonObject const& job) { write_job(job); });
}

void SeedWriter::write_settings(JsonObject const& vault) {
    place_.in(vault, "tags", [&] {
        auto const tags = vault.string_map("tags").value();
        for (auto const& [key, value] : tags) {
            call(glacier::add_tags_to_vault, json{{"Tags", {{key, value}}}}.dump());
        }
    });
    place_.in(vault, "notifications",
              [&] { call(glacier::set_vault_notifications, vault.text_or_json("notifications").value()); });
    place_.in(vault, "access_policy", [&] {
        auto const policy = vault.text_or_json("access_policy").value();
        call(glacier::set_vault_access_policy, json{{"Policy", policy}}.dump());
    });
}

void SeedWriter::write_lock(JsonObject const& lock) {
    place_.check_members(lock, "a lock", {"policy", "state"});
    auto const policy = lock.text_or_json("policy");
    if (!policy) throw Refusal{400, "a lock needs a policy"};
    auto const state = lock.string("state").value_or("Locked");
    if (state != "Locked" && state != "InProgress")
        throw Refusal{400, "the state of a lock must be Locked or InProgress"};
    auto const response = call(glacier::initiate_vault_lock, json{{"Policy", *policy}}.dump());
    auto const lock_id = response.fields.find("x-amz-lock-id").value();
    if (state == "Locked") call(glacier::complete_vault_lock, "", std::string(lock_id));
}

void SeedWriter::take_inventory() {
    auto const vault_pk = transaction_.find_vault(owner_, vault_name_)->vault_pk;
    transaction_.take_inventory(vault_pk, context_.now);
    transaction_.make_inventory_ready(vault_pk, storage::Time());
}

void SeedWriter::write_archives(JsonObject const& object, storage::Time earliest) {
    auto const entry = parse_seed_archive(place_, object);
    auto const created_at = date(object, "created", context_.now);
    if (created_at < earliest) throw Refusal{400, "an archive cannot be older than its vault"};
    for (std::int64_t number = 1; number <= entry.count; ++number) {
        auto request = request_to(owner_, vault_name_, created_at);
        auto description = entry.description;
        boost::replace_all(description, "{n}", std::to_string(number));
        glacier::check_description(description, "description");
        request.head.fields.add(std::string(glacier::description_field), description);
        auto const id = write_archive(entry, request);
        if (!entry.name.empty()) archive_ids_["@" + entry.name] = id;
    }
}

std::string SeedWriter::write_archive(SeedArchive const& entry, glacier::Request& request) {
    ++seeded_.archives;
    if (!entry.synthetic_bytes) {
        request.content = contents_.take(place_.steps());
        seeded_.archive_bytes += request.content->size_bytes();
        auto const response = glacier::upload_archive(request, transaction_);
        return std::string(response.fields.find("x-amz-archive-id").value());
    }
    auto const size_bytes = *entry.synthetic_bytes;
    seeded_.archive_bytes += size_bytes;
    auto const vault = glacier::require_vault(request, transaction_);
    auto archive = glacier::new_archive(request, vault, transaction_, size_bytes);
    archive.tree_hash = storage::SyntheticContent(archive.archive_pk, size_bytes).tree_hash();
    transaction_.add_synthetic_archive(
        archive, archive.archive_pk,
        glacier::next_inventory_due(context_.rules.timing, context_.rules.random, vault, archive.created_at));
    return archive.archive_id;
}

void SeedWriter::write_job(JsonObject const& object) {
    place_.check_members(object, "a job", {"parameters", "created", "state", "message", "completed"});
    auto const created_at = date(object, "created", context_.now);
    auto const completed_at = date(object, "completed", context_.now);
    auto const state = object.string("state").value_or("InProgress");
    if (completed_at < created_at) throw Refusal{400, "created cannot be after completed"};
    auto const response = glacier::initiate_job(
        request_to(owner_, vault_name_, created_at, job_parameters(object)), transaction_);
    auto const job = transaction_.find_job(response.fields.find("x-amz-job-id").value()).value();
    ++seeded_.jobs;
    if (state == "Succeeded") {
        transaction_.set_job_due(job.job_pk, completed_at);
    } else if (state == "Failed") {
        transaction_.fail_job(job, completed_at, completed_at + context_.rules.timing.output_lifetime,
                              object.string("message").value_or("The job failed."));
    } else if (state != "InProgress") {
        throw Refusal{400, "the state of a job must be InProgress, Succeeded or Failed"};
    }
}

std::string SeedWriter::job_parameters(JsonObject const& job) const {
    auto const text = job.text_or_json("parameters");
    if (!text) throw Refusal{400, "a job needs parameters, those of InitiateJob"};
    auto parameters = json::parse(*text, nullptr, false);
    auto const archive = parameters.is_object() ? parameters.find("ArchiveId") : parameters.end();
    if (archive == parameters.end() || !archive->is_string()) return *text;
    auto const name = archive->get<std::string>();
    if (!name.starts_with('@')) return *text;
    auto const known = archive_ids_.find(name);
    if (known == archive_ids_.end())
        throw Refusal{400, fmt::format("this vault has no archive with the name {}", name.substr(1))};
    *archive = known->second;
    return parameters.dump();
}

glacier::Request SeedWriter::request_to(storage::Owner const& owner, std::string const& vault_name,
                                        storage::Time now, std::string body) const {
    glacier::Request request{context_.rules};
    request.owner = owner;
    request.vault_name = vault_name;
    request.now = now;
    request.body = std::move(body);
    return request;
}

http::Response SeedWriter::call(Write operation, std::string body, std::string const& resource_id) {
    auto request = request_to(owner_, vault_name_, context_.now, std::move(body));
    request.resource_id = resource_id;
    return operation(request, transaction_);
}

storage::Owner SeedWriter::owner_of(JsonObject const& object) const {
    auto const account = object.string("account");
    auto const region = object.string("region");
    if (account && !identity::is_account_id(*account)) throw Refusal{400, "account must be 12 digits"};
    if (region && !identity::is_region(*region)) throw Refusal{400, "region must be a name like us-east-1"};
    return {account.value_or(context_.default_owner.account), region.value_or(context_.default_owner.region)};
}

storage::Time SeedWriter::date(JsonObject const& object, char const* member, storage::Time fallback) const {
    auto const text = object.string(member);
    if (!text) return fallback;
    auto const time = text::parse_timestamp(*text);
    if (time && *time <= context_.now) return *time;
    throw Refusal{
        400, fmt::format(
                 "{} must be a time like 2020-01-31T12:00:00Z and not in the future; firn's clock shows {}",
                 member, text::format_milliseconds(context_.now))};
}

}  // namespace firn::control
