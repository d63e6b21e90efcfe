#include "tests/model/model.hpp"

#include <stdexcept>

#include "tests/model/rules.hpp"

namespace firn::test::model {

using namespace std::chrono_literals;

json const any_text = "\x01 any text";

std::optional<std::string> Call::field(std::string const& name) const {
    for (auto const& [key, value] : fields) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::optional<std::string> Call::parameter(std::string const& name) const {
    auto const found = query.find(name);
    return found == query.end() || found->second.empty() ? std::nullopt : std::optional(found->second);
}

std::vector<ArchivePtr> Vault::live() const {
    std::vector<ArchivePtr> found;
    for (auto const& archive : archives) {
        if (!archive->deleted) found.push_back(archive);
    }
    return found;
}

std::string Owner::arn(std::string const& vault) const {
    return "arn:" + partition + ":glacier:" + region + ":" + account + ":vaults/" + vault;
}

Model::Model(Rules rules, std::vector<Owner> owners, Time now)
    : rules_(std::move(rules)), owners_(std::move(owners)), now_(now) {}

std::map<std::string, Model::Handler> const& Model::handlers() {
    static std::map<std::string, Handler> const table = {
        {"CreateVault", &Model::create_vault},
        {"DescribeVault", &Model::describe_vault},
        {"ListVaults", &Model::list_vaults},
        {"DeleteVault", &Model::delete_vault},
        {"SetVaultNotifications", &Model::set_notifications},
        {"GetVaultNotifications", &Model::get_notifications},
        {"DeleteVaultNotifications", &Model::delete_notifications},
        {"SetVaultAccessPolicy", &Model::set_access_policy},
        {"GetVaultAccessPolicy", &Model::get_access_policy},
        {"DeleteVaultAccessPolicy", &Model::delete_access_policy},
        {"InitiateVaultLock", &Model::initiate_lock},
        {"GetVaultLock", &Model::get_lock},
        {"AbortVaultLock", &Model::abort_lock},
        {"CompleteVaultLock", &Model::complete_lock},
        {"AddTagsToVault", &Model::add_tags},
        {"RemoveTagsFromVault", &Model::remove_tags},
        {"ListTagsForVault", &Model::list_tags},
        {"UploadArchive", &Model::upload_archive},
        {"DeleteArchive", &Model::delete_archive},
        {"InitiateMultipartUpload", &Model::initiate_upload},
        {"UploadMultipartPart", &Model::upload_part},
        {"CompleteMultipartUpload", &Model::complete_upload},
        {"AbortMultipartUpload", &Model::abort_upload},
        {"ListParts", &Model::list_parts},
        {"ListMultipartUploads", &Model::list_uploads},
        {"InitiateJob", &Model::initiate_job},
        {"DescribeJob", &Model::describe_job},
        {"ListJobs", &Model::list_jobs},
        {"GetJobOutput", &Model::job_output},
        {"GetDataRetrievalPolicy", &Model::get_retrieval_policy},
        {"SetDataRetrievalPolicy", &Model::set_retrieval_policy},
        {"ListProvisionedCapacity", &Model::list_capacity},
        {"PurchaseProvisionedCapacity", &Model::purchase_capacity},
    };
    return table;
}

Expected Model::predict(Call const& call) {
    try {
        if (!call.has_version) throw missing;
        if (call.account != "-" && call.account != owner_of(call).account) throw denied;
        return (this->*handlers().at(call.operation))(call);
    } catch (Refusal const& refusal) {
        return {refusal.status, refusal.code};
    }
}

Vault& Model::vault_of(Call const& call) {
    auto& vaults = owner_of(call).vaults;
    auto const found = vaults.find(call.vault);
    if (found == vaults.end()) throw not_found;
    return found->second;
}

Vault* Model::find_vault(std::size_t client, std::int64_t number) {
    for (auto& [name, vault] : owners_.at(client).vaults) {
        if (vault.number == number) return &vault;
    }
    return nullptr;
}

void Model::note_write(Vault& vault) {
    vault.written_at = now_;
    if (!vault.pending_since) vault.pending_since = now_;
}

std::int64_t Model::place_of(Call const& call, std::string const& scope, std::int64_t fallback) const {
    auto const marker = call.parameter("marker");
    if (!marker) return fallback;
    auto const found = markers_.find(*marker);
    if (found == markers_.end() || found->second.first != scope) throw invalid;
    return found->second.second;
}

std::function<void(RawReply const&)> Model::learn_marker(std::string scope, std::int64_t place) {
    return [this, scope = std::move(scope), place](RawReply const& reply) {
        markers_[json::parse(reply.body)["Marker"].get<std::string>()] = {scope, place};
    };
}

void Model::learn_inventory(std::size_t owner, std::string const& name, json const& description) {
    auto& vault = owners_.at(owner).vaults.at(name);
    auto const& shown = description.at("LastInventoryDate");
    auto const known = vault.inventory ? json(milliseconds_text(vault.inventory->at)) : json();
    if (!rules_.daily || !vault.pending_since) return;
    // The first one comes half a day off the vault's time of day where that is sooner.
    bool const is_first = !vault.first_inventory_at;
    auto const window = is_first ? 12h : 24h;
    if (shown == known) {
        bool const late = now_ >= *vault.pending_since + window;
        bool const missed = vault.time_of_day && [&] {
            auto run = std::chrono::floor<std::chrono::days>(*vault.pending_since) + *vault.time_of_day;
            if (run <= *vault.pending_since) run += 24h;
            return run <= now_;
        }();
        if (late || missed) throw std::runtime_error("the daily inventory is overdue");
        return;
    }
    auto const at = parse_milliseconds(shown.get<std::string>()).value();
    Duration const time_of_day = at - std::chrono::floor<std::chrono::days>(at);
    if (at <= *vault.pending_since || at > *vault.pending_since + window || at > now_) {
        throw std::runtime_error("the daily inventory came at a wrong time");
    }
    if (vault.time_of_day.value_or(time_of_day) != time_of_day) {
        throw std::runtime_error("the daily inventory came at another time of day");
    }
    if (!is_first) vault.time_of_day = time_of_day;
    vault.learned = Inventory{at, vault.live()};
    vault.pending_since.reset();
}

void Model::run_due() {
    for (auto& owner : owners_) {
        std::erase_if(owner.units, [&](Unit const& unit) { return unit.end <= now_; });
        for (auto& [name, vault] : owner.vaults) {
            run_jobs(vault, owner.arn(name));
            std::erase_if(vault.uploads, [&](Upload const& upload) { return upload.due_at <= now_; });
            if (vault.lock && !vault.lock->locked && vault.lock->created_at + 24h <= now_) vault.lock.reset();
        }
    }
}

}  // namespace firn::test::model
