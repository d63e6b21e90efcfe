// Vaults and what is set on them, retrieval policies and capacity.
#include <algorithm>
#include <cctype>

#include "tests/model/model.hpp"
#include "tests/model/rules.hpp"

namespace firn::test::model {
namespace {

json const& member(json const& object, char const* name) {
    static json const none;
    return object.contains(name) ? object[name] : none;
}

bool is_tag_text(std::string const& text, std::size_t maximum) {
    return text.size() <= maximum && std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 ||
                      std::string(" _./=+-@:").find(static_cast<char>(c)) != std::string::npos;
           });
}

bool is_tag_key(std::string const& key) {
    std::string lower = key;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return !key.empty() && is_tag_text(key, 128) && !lower.starts_with("aws:");
}

std::string policy_of(Call const& call, std::string const& arn) {
    auto const policy = text_of(object_of(call.body), "Policy");
    if (!policy) throw missing;
    if (!is_policy(*policy, arn)) throw invalid;
    return shown_policy(*policy);
}

}  // namespace

json Model::describe(Vault const& vault, Owner const& owner) const {
    std::vector<ArchivePtr> archives;
    std::optional<Time> at;
    if (!rules_.daily) {
        archives = vault.live();
        at = vault.written_at;
    } else if (vault.inventory) {
        archives = vault.inventory->archives;
        at = vault.inventory->at;
    }
    std::uint64_t bytes = 0;
    for (auto const& archive : archives) bytes += archive->content.size() + 32768;
    return {{"CreationDate", milliseconds_text(vault.created_at)},
            {"LastInventoryDate", at ? json(milliseconds_text(*at)) : json()},
            {"NumberOfArchives", archives.size()},
            {"SizeInBytes", bytes},
            {"VaultARN", owner.arn(vault.name)},
            {"VaultName", vault.name}};
}

Expected Model::create_vault(Call const& call) {
    if (!is_vault_name(call.vault)) throw invalid;
    auto& owner = owner_of(call);
    if (!owner.vaults.contains(call.vault)) {
        auto& vault = owner.vaults[call.vault];
        vault.number = ++last_number_;
        vault.name = call.vault;
        vault.created_at = now_;
    }
    return {.status = 201, .fields = {{"Location", "/" + owner.account + "/vaults/" + call.vault}}};
}

Expected Model::describe_vault(Call const& call) {
    return {.status = 200, .body = describe(vault_of(call), owner_of(call))};
}

Expected Model::list_vaults(Call const& call) {
    auto const limit = page_limit(call, 10);
    auto const& owner = owner_of(call);
    std::string from;
    if (auto const marker = call.parameter("marker")) {
        if (!marker->starts_with(owner.arn(""))) throw invalid;
        from = marker->substr(owner.arn("").size());
        if (!is_vault_name(from)) throw invalid;
    }
    json list = json::array();
    json marker;
    for (auto const& [name, vault] : owner.vaults) {
        if (name < from) continue;
        if (list.size() == limit) {
            marker = owner.arn(name);
            break;
        }
        list.push_back(describe(vault, owner));
    }
    return {.status = 200, .body = json{{"Marker", marker}, {"VaultList", list}}};
}

Expected Model::delete_vault(Call const& call) {
    if (!is_vault_name(call.vault)) throw not_found;
    auto& vaults = owner_of(call).vaults;
    auto const found = vaults.find(call.vault);
    if (found == vaults.end()) return {.status = 204};
    auto const& vault = found->second;
    if (rules_.daily) {
        bool const listed = vault.inventory && !vault.inventory->archives.empty();
        if (vault.pending_since || listed) throw invalid;
    } else if (!vault.live().empty()) {
        throw invalid;
    }
    vaults.erase(found);
    return {.status = 204};
}

Expected Model::set_notifications(Call const& call) {
    auto const body = object_of(call.body);
    auto const topic = text_of(body, "SNSTopic");
    auto const& events = member(body, "Events");
    if (!events.is_null() && !events.is_array()) throw unreadable;
    for (auto const& event : events) {
        if (!event.is_string()) throw unreadable;
    }
    if (!topic || topic->empty() || events.empty()) throw missing;
    if (!is_topic(*topic, owner_of(call).region)) throw invalid;
    json once = json::array();
    for (auto const& event : events) {
        if (event != "ArchiveRetrievalCompleted" && event != "InventoryRetrievalCompleted") throw invalid;
        if (std::find(once.begin(), once.end(), event) == once.end()) once.push_back(event);
    }
    vault_of(call).notifications = json{{"Events", once}, {"SNSTopic", *topic}};
    return {.status = 204};
}

Expected Model::get_notifications(Call const& call) {
    auto const& notifications = vault_of(call).notifications;
    if (!notifications) throw not_found;
    return {.status = 200, .body = *notifications};
}

Expected Model::delete_notifications(Call const& call) {
    vault_of(call).notifications.reset();
    return {.status = 204};
}

Expected Model::set_access_policy(Call const& call) {
    auto const policy = policy_of(call, owner_of(call).arn(call.vault));
    vault_of(call).access_policy = policy;
    return {.status = 204};
}

Expected Model::get_access_policy(Call const& call) {
    auto const& policy = vault_of(call).access_policy;
    if (!policy) throw not_found;
    return {.status = 200, .body = json{{"Policy", *policy}}};
}

Expected Model::delete_access_policy(Call const& call) {
    vault_of(call).access_policy.reset();
    return {.status = 204};
}

Expected Model::initiate_lock(Call const& call) {
    auto const policy = policy_of(call, owner_of(call).arn(call.vault));
    auto& vault = vault_of(call);
    if (vault.lock) throw denied;
    vault.lock = Lock{"", policy, now_};
    return {.status = 201, .learn = [&vault](RawReply const& reply) {
                vault.lock->id = reply.field("x-amz-lock-id").value();
            }};
}

Expected Model::get_lock(Call const& call) {
    auto const& lock = vault_of(call).lock;
    if (!lock) throw not_found;
    json body = {{"CreationDate", milliseconds_text(lock->created_at)},
                 {"Policy", lock->policy},
                 {"State", lock->locked ? "Locked" : "InProgress"}};
    if (!lock->locked) body["ExpirationDate"] = milliseconds_text(lock->created_at + std::chrono::hours(24));
    return {.status = 200, .body = body};
}

Expected Model::abort_lock(Call const& call) {
    auto& lock = vault_of(call).lock;
    if (lock && lock->locked) throw denied;
    lock.reset();
    return {.status = 204};
}

Expected Model::complete_lock(Call const& call) {
    auto& lock = vault_of(call).lock;
    if (!lock) throw not_found;
    if (lock->id != call.id) throw lock->locked ? denied : invalid;
    lock->locked = true;
    return {.status = 204};
}

Expected Model::add_tags(Call const& call) {
    auto const body = object_of(call.body);
    auto const& added = member(body, "Tags");
    if (added.is_null()) throw missing;
    if (!added.is_object()) throw unreadable;
    for (auto const& [key, value] : added.items()) {
        if (!value.is_string()) throw unreadable;
    }
    if (added.empty() || added.size() > 10) throw invalid;
    for (auto const& [key, value] : added.items()) {
        if (!is_tag_key(key) || !is_tag_text(value.get<std::string>(), 255)) throw invalid;
    }
    auto& vault = vault_of(call);
    auto tags = vault.tags;
    for (auto const& [key, value] : added.items()) tags[key] = value.get<std::string>();
    if (tags.size() > 50) throw over_limit;
    vault.tags = tags;
    return {.status = 204};
}

Expected Model::remove_tags(Call const& call) {
    auto const body = object_of(call.body);
    auto const& keys = member(body, "TagKeys");
    if (keys.is_null()) throw missing;
    if (!keys.is_array()) throw unreadable;
    for (auto const& key : keys) {
        if (!key.is_string()) throw unreadable;
    }
    if (keys.empty() || keys.size() > 10) throw invalid;
    for (auto const& key : keys) {
        if (!is_tag_key(key)) throw invalid;
    }
    auto& vault = vault_of(call);
    for (auto const& key : keys) vault.tags.erase(key.get<std::string>());
    return {.status = 204};
}

Expected Model::list_tags(Call const& call) {
    return {.status = 200, .body = json{{"Tags", json(vault_of(call).tags)}}};
}

Expected Model::get_retrieval_policy(Call const& call) {
    return {.status = 200,
            .body = json{{"Policy", {{"Rules", json::array({owner_of(call).retrieval_rule})}}}}};
}

Expected Model::set_retrieval_policy(Call const& call) {
    auto const body = object_of(call.body);
    auto const& policy = member(body, "Policy");
    if (policy.is_null()) throw missing;
    if (!policy.is_object()) throw unreadable;
    auto const& rules = member(policy, "Rules");
    if (rules.is_null()) throw missing;
    if (!rules.is_array()) throw unreadable;
    if (rules.size() != 1) throw invalid;
    auto const strategy = text_of(rules[0], "Strategy");
    auto const& rate = member(rules[0], "BytesPerHour");
    if (!rate.is_null() && !rate.is_number_integer()) throw unreadable;
    if (!strategy) throw missing;
    bool const limited = *strategy == "BytesPerHour";
    if (!limited && *strategy != "FreeTier" && *strategy != "None") throw invalid;
    if (limited && rate.is_null()) throw missing;
    if (!rate.is_null() && (!limited || rate < 1)) throw invalid;
    owner_of(call).retrieval_rule = {{"BytesPerHour", rate}, {"Strategy", *strategy}};
    return {.status = 204};
}

Expected Model::list_capacity(Call const& call) {
    json list = json::array();
    for (auto const& unit : owner_of(call).units) {
        list.push_back({{"CapacityId", unit.id},
                        {"ExpirationDate", milliseconds_text(unit.end)},
                        {"StartDate", milliseconds_text(unit.start)}});
    }
    return {.status = 200, .body = json{{"ProvisionedCapacityList", list}}};
}

Expected Model::purchase_capacity(Call const& call) {
    namespace chrono = std::chrono;
    auto& units = owner_of(call).units;
    if (units.size() >= 2) throw over_limit;
    auto const day = chrono::floor<chrono::days>(now_);
    auto date = chrono::year_month_day(day) + chrono::months(1);
    if (!date.ok()) date = date.year() / date.month() / chrono::last;
    auto const end = chrono::floor<chrono::seconds>(chrono::sys_days(date) + (now_ - day));
    units.push_back({"", now_, end});
    return {.status = 201, .learn = [&units](RawReply const& reply) {
                units.back().id = reply.field("x-amz-capacity-id").value();
            }};
}

}  // namespace firn::test::model
