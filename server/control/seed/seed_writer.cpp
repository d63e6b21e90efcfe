#include "server/control/seed/seed_writer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/control/refusal.hpp"
#include "server/glacier/operations/access_policy.hpp"
#include "server/glacier/operations/data_retrieval.hpp"
#include "server/glacier/operations/jobs.hpp"
#include "server/glacier/operations/notifications.hpp"
#include "server/glacier/operations/provisioned_capacity.hpp"
#include "server/glacier/operations/tags.hpp"
#include "server/glacier/operations/vault_lock.hpp"
#include "server/glacier/operations/vaults.hpp"

namespace firn::control {
using nlohmann::json;
using text::JsonObject;

Seeded SeedWriter::write(JsonObject const& document, std::vector<SeedVault> const& vaults) {
    place_.each(document, "accounts", [this](JsonObject const& account) { write_account(account); });
    auto next = vaults.begin();
    place_.each(document, "vaults", [&](JsonObject const& vault) { write_vault(vault, *next++); });
    return seeded_;
}

void SeedWriter::write_account(JsonObject const& account) {
    place_.check_members(account, "an account",
                         {"account", "region", "data_retrieval_policy", "provisioned_capacity"});
    auto const owner = parse_seed_owner(account, context_.default_owner);
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

void SeedWriter::write_vault(JsonObject const& object, SeedVault const& vault) {
    vault_ = &vault;
    auto const existing = transaction_.find_vault(vault.owner, vault.name);
    if (existing ? existing->created_at != vault.existing_since : vault.existing_since.has_value())
        throw Refusal{409, fmt::format("the vault {} was created or deleted meanwhile", vault.name)};
    if (!existing) {
        glacier::add_vault(request_to(vault.owner, vault.name, vault.created_at), transaction_,
                           vault.vault_pk);
    }
    ++(existing ? seeded_.existing_vaults : seeded_.vaults);
    adopt_archives();
    write_settings(object);
    if (object.boolean("inventory").value_or(false)) take_inventory();
    place_.in(object, "lock", [&] { write_lock(*object.object("lock")); });
    place_.each(object, "jobs", [this](JsonObject const& job) { write_job(job); });
}

void SeedWriter::adopt_archives() {
    if (vault_->contents.archive_count == 0) return;
    seeded_.archives += vault_->contents.archive_count;
    seeded_.archive_bytes += vault_->contents.archive_bytes;
    auto const vault = transaction_.find_vault(vault_->owner, vault_->name).value();
    transaction_.adopt_archives(vault.vault_pk, vault_->vault_pk, vault_->contents, vault_->last_archive_at,
                                glacier::next_inventory_due(context_.rules.timing, context_.rules.random,
                                                            vault, vault_->first_archive_at));
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
    auto const vault_pk = transaction_.find_vault(vault_->owner, vault_->name)->vault_pk;
    transaction_.take_inventory(vault_pk, context_.now);
    transaction_.make_inventory_ready(vault_pk, storage::Time());
}

void SeedWriter::write_job(JsonObject const& object) {
    place_.check_members(object, "a job", {"parameters", "created", "state", "message", "completed"});
    auto const now = context_.now;
    auto const created_at = parse_seed_date(object, "created", now).value_or(now);
    auto const completed_at = parse_seed_date(object, "completed", now).value_or(now);
    auto const state = object.string("state").value_or("InProgress");
    if (completed_at < created_at) throw Refusal{400, "created cannot be after completed"};
    if (created_at < vault_->created_at) throw Refusal{400, "a job cannot be older than its vault"};
    auto const response = glacier::initiate_job(
        request_to(vault_->owner, vault_->name, created_at, job_parameters(object)), transaction_);
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
    auto const known = vault_->archive_ids.find(name);
    if (known == vault_->archive_ids.end())
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
    auto request = request_to(vault_->owner, vault_->name, context_.now, std::move(body));
    request.resource_id = resource_id;
    return operation(request, transaction_);
}

}  // namespace firn::control
