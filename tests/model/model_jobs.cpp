// Jobs, their outputs and inventories.
#include <algorithm>

#include <boost/range/adaptor/reversed.hpp>

#include "tests/model/model.hpp"
#include "tests/model/rules.hpp"

namespace firn::test::model {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

std::string inventory_scope(Vault const& vault) {
    return "inventory " + std::to_string(vault.number);
}

std::string one_of(json const& body, char const* name, std::vector<std::string> const& choices) {
    auto value = text_of(body, name).value_or(choices[0]);
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) throw invalid;
    return value;
}

bool given(json const& body, char const* name) {
    return body.contains(name) && !body[name].is_null();
}

std::string csv_of(std::vector<ArchivePtr> const& archives) {
    std::string text = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n";
    for (auto const& archive : archives) {
        std::string description;
        for (char const c : archive->description)
            description += c == '"' ? std::string("\\\"") : std::string(1, c);
        text += archive->id + ",\"" + description + "\"," + seconds_text(archive->created_at) + "," +
                std::to_string(archive->content.size()) + "," + archive->hash + "\r\n";
    }
    return text;
}

std::string json_of(std::vector<ArchivePtr> const& archives, std::string const& arn, Time at) {
    using nlohmann::ordered_json;
    auto list = ordered_json::array();
    for (auto const& archive : archives) {
        list.push_back(ordered_json{{"ArchiveId", archive->id},
                                    {"ArchiveDescription", archive->description},
                                    {"CreationDate", seconds_text(archive->created_at)},
                                    {"Size", archive->content.size()},
                                    {"SHA256TreeHash", archive->hash}});
    }
    return ordered_json{{"VaultARN", arn}, {"InventoryDate", seconds_text(at)}, {"ArchiveList", list}}.dump();
}

std::optional<Time> date_of(json const& object, char const* name) {
    auto const text = text_of(object, name);
    if (!text) return std::nullopt;
    auto const date = parse_seconds(*text);
    if (!date) throw invalid;
    return date;
}

void check_common(json const& body, Job& job, std::string const& region) {
    job.description = filled_text_of(body, "Description");
    if (!is_description(job.description.value_or(""))) throw invalid;
    job.topic = text_of(body, "SNSTopic");
    if (job.topic && !is_topic(*job.topic, region)) throw invalid;
}

// The part of a finished output that a Range header asks for; nothing for all of it.
std::optional<std::pair<std::uint64_t, std::uint64_t>> asked_range(Call const& call, std::uint64_t size) {
    auto const header = call.field("Range").value_or("");
    if (!header.starts_with("bytes=")) return std::nullopt;
    auto text = header.substr(6);
    if (text.ends_with('-')) text += "999999999999";
    auto range = range_of(text);
    if (!range) return std::nullopt;
    if (range->first >= size) throw invalid;
    range->second = std::min(range->second, size - 1);
    return range;
}

Job& job_of(Vault& vault, std::string const& id) {
    for (auto& job : vault.jobs) {
        if (job.id == id) return job;
    }
    throw not_found;
}

bool matches(Job const& job, Call const& call) {
    auto const status = call.parameter("statuscode");
    auto const completed = call.parameter("completed");
    return (!status || *status == job.status) &&
           (!completed || (*completed == "true") == (job.status != "InProgress"));
}

}  // namespace

json Model::describe(Job const& job, std::string const& arn) const {
    auto const text = [](auto const& value) { return value ? json(*value) : json(); };
    auto const date = [](std::optional<Time> time) { return time ? json(milliseconds_text(*time)) : json(); };
    bool const completed = job.status != "InProgress";
    json body = {{"Completed", completed},
                 {"CompletionDate", date(job.completed_at)},
                 {"ArchiveId", nullptr},
                 {"CreationDate", milliseconds_text(job.created_at)},
                 {"JobId", job.id},
                 {"JobDescription", text(job.description)},
                 {"SNSTopic", text(job.topic)},
                 {"ArchiveSHA256TreeHash", nullptr},
                 {"StatusCode", job.status},
                 {"ArchiveSizeInBytes", nullptr},
                 {"StatusMessage", nullptr},
                 {"InventoryRetrievalParameters", nullptr},
                 {"InventorySizeInBytes", nullptr},
                 {"JobOutputPath", nullptr},
                 {"OutputLocation", nullptr},
                 {"SelectParameters", nullptr},
                 {"Tier", nullptr},
                 {"VaultARN", arn},
                 {"RetrievalByteRange", nullptr},
                 {"SHA256TreeHash", nullptr},
                 {"Action", "InventoryRetrieval"}};
    if (job.status == "Succeeded") body["StatusMessage"] = "Succeeded";
    if (job.status == "Failed") body["StatusMessage"] = any_text;
    if (!job.archive) {
        if (completed) body["InventorySizeInBytes"] = job.output.size();
        auto const& place = completed ? job.next : job.from;
        body["InventoryRetrievalParameters"] = {
            {"EndDate", date(job.end_at)},
            {"Format", job.format},
            {"Limit", job.limit ? json(std::to_string(*job.limit)) : json()},
            {"Marker", place ? any_text : json()},
            {"StartDate", date(job.start_at)}};
        return body;
    }
    auto const& archive = *job.archive;
    body["Action"] = "ArchiveRetrieval";
    body["ArchiveId"] = archive.id;
    body["ArchiveSHA256TreeHash"] = archive.hash;
    body["ArchiveSizeInBytes"] = archive.content.size();
    body["RetrievalByteRange"] = std::to_string(job.first) + "-" + std::to_string(job.last);
    body["Tier"] = job.tier;
    if (is_aligned(job.first, job.last, archive.content.size())) {
        body["SHA256TreeHash"] =
            tree_hash_of(std::string_view(archive.content).substr(job.first, job.last - job.first + 1));
    }
    return body;
}

Job Model::archive_job(Call const& call, Vault& vault, json const& body) {
    Job job;
    if (given(body, "InventoryRetrievalParameters")) throw invalid;
    auto const id = filled_text_of(body, "ArchiveId");
    if (!id) throw missing;
    job.tier = one_of(body, "Tier", {"Standard", "Expedited", "Bulk"});
    auto const range = text_of(body, "RetrievalByteRange");
    check_common(body, job, owner_of(call).region);
    vault_of(call);
    for (auto const& [name, other] : owner_of(call).vaults) {
        for (auto const& archive : other.archives) {
            if (archive->id != *id || archive->deleted) continue;
            if (other.number != vault.number) throw invalid;
            job.archive = archive;
        }
    }
    if (!job.archive) throw not_found;
    auto const size = job.archive->content.size();
    job.last = size - 1;
    if (range) {
        auto const asked = range_of(*range);
        if (!asked || asked->second >= size || asked->first % mebibyte != 0) throw invalid;
        if ((asked->second + 1) % mebibyte != 0 && asked->second + 1 != size) throw invalid;
        std::tie(job.first, job.last) = *asked;
    }
    job.due_at = now_ + rules_.tiers.at(job.tier);
    return job;
}

Job Model::inventory_job(Call const& call, Vault& vault, json const& body) {
    Job job;
    if (given(body, "ArchiveId") || given(body, "RetrievalByteRange")) throw invalid;
    job.format = one_of(body, "Format", {"JSON", "CSV"});
    auto const filter =
        given(body, "InventoryRetrievalParameters") ? body["InventoryRetrievalParameters"] : json::object();
    if (!filter.is_object()) throw unreadable;
    job.start_at = date_of(filter, "StartDate");
    job.end_at = date_of(filter, "EndDate");
    if (auto const limit = text_of(filter, "Limit")) {
        auto const number = number_of(*limit);
        if (!number || *number == 0) throw invalid;
        job.limit = static_cast<std::int64_t>(*number);
    }
    auto const marker = filled_text_of(filter, "Marker");
    check_common(body, job, owner_of(call).region);
    if (vault.number == 0) throw not_found;
    if (rules_.daily) {
        if (!vault.first_inventory_at || now_ < *vault.first_inventory_at + std::chrono::hours(12))
            throw not_found;
    }
    if (marker) {
        auto const found = markers_.find(*marker);
        if (found == markers_.end() || found->second.first != inventory_scope(vault)) throw invalid;
        job.from = found->second.second;
    }
    job.due_at = now_ + rules_.inventory_job;
    return job;
}

Expected Model::initiate_job(Call const& call) {
    if (call.body.empty()) throw missing;
    auto const body = object_of(call.body);
    auto const type = text_of(body, "Type");
    if (!type) throw missing;
    if (*type != "archive-retrieval" && *type != "inventory-retrieval") throw invalid;
    // The parameters are judged before the vault is looked for.
    Vault absent;
    auto& vaults = owner_of(call).vaults;
    auto const found = vaults.find(call.vault);
    auto& vault = found == vaults.end() ? absent : found->second;
    auto job =
        *type == "archive-retrieval" ? archive_job(call, vault, body) : inventory_job(call, vault, body);
    job.number = ++last_number_;
    job.created_at = now_;
    vault.jobs.push_back(job);
    auto const prefix = "/" + owner_of(call).account + "/vaults/" + call.vault + "/jobs/";
    return {.status = 202, .learn = [&vault, prefix](RawReply const& reply) {
                vault.jobs.back().id = reply.field("x-amz-job-id").value();
                if (reply.field("Location") != prefix + vault.jobs.back().id) {
                    throw std::runtime_error("a wrong Location");
                }
            }};
}

Expected Model::describe_job(Call const& call) {
    auto& vault = vault_of(call);
    auto const& job = job_of(vault, call.id);
    Expected expected{.status = 200, .body = describe(job, owner_of(call).arn(call.vault))};
    if (job.next) {
        expected.learn = [this, scope = inventory_scope(vault), next = *job.next](RawReply const& reply) {
            auto const parameters = json::parse(reply.body)["InventoryRetrievalParameters"];
            markers_[parameters["Marker"].get<std::string>()] = {scope, next};
        };
    }
    return expected;
}

Expected Model::list_jobs(Call const& call) {
    auto const limit = page_limit(call, 50);
    auto const status = call.parameter("statuscode");
    if (status && *status != "InProgress" && *status != "Succeeded" && *status != "Failed") throw invalid;
    auto const completed = call.parameter("completed");
    if (completed && *completed != "true" && *completed != "false") throw invalid;
    auto const& vault = vault_of(call);
    auto const scope = "jobs " + std::to_string(vault.number);
    auto const from = place_of(call, scope, last_number_);
    json list = json::array();
    json marker;
    Expected expected{.status = 200};
    for (auto const& job : boost::adaptors::reverse(vault.jobs)) {
        if (job.number > from || !matches(job, call)) continue;
        if (list.size() == limit) {
            marker = any_text;
            expected.learn = learn_marker(scope, job.number);
            break;
        }
        list.push_back(describe(job, owner_of(call).arn(call.vault)));
    }
    expected.body = json{{"JobList", list}, {"Marker", marker}};
    return expected;
}

Expected Model::job_output(Call const& call) {
    auto const& job = job_of(vault_of(call), call.id);
    if (job.status != "Succeeded") throw invalid;
    auto const output =
        job.archive ? job.archive->content.substr(job.first, job.last - job.first + 1) : job.output;
    auto const range = asked_range(call, output.size());
    auto const first = range ? range->first : 0;
    auto const last = range ? range->second : output.size() - 1;
    Expected expected{.status = range ? 206u : 200u, .bytes = output.substr(first, last - first + 1)};
    auto& fields = expected.fields;
    fields["Accept-Ranges"] = "bytes";
    fields["Content-Range"] = std::nullopt;
    if (range) {
        fields["Content-Range"] = "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                                  std::to_string(output.size());
    }
    fields["x-amz-sha256-tree-hash"] = std::nullopt;
    fields["x-amz-archive-description"] = std::nullopt;
    fields["Content-Type"] = job.format == "CSV" ? "text/csv" : "application/json";
    if (!job.archive) return expected;
    fields["Content-Type"] = "application/octet-stream";
    if (!job.archive->description.empty()) fields["x-amz-archive-description"] = job.archive->description;
    auto const size = job.archive->content.size();
    if (is_aligned(job.first, job.last, size) && is_aligned(job.first + first, job.first + last, size)) {
        fields["x-amz-sha256-tree-hash"] = tree_hash_of(*expected.bytes);
    }
    return expected;
}

void Model::complete(Vault& vault, Job& job, std::string const& arn) const {
    job.completed_at = job.due_at;
    job.status = job.archive && job.archive->deleted ? "Failed" : "Succeeded";
    if (job.archive) return;
    auto const& inventory = vault.inventory;
    auto const at = rules_.daily ? inventory.value().at : vault.written_at.value_or(job.due_at);
    std::vector<ArchivePtr> page;
    for (auto const& archive : rules_.daily ? inventory.value().archives : vault.live()) {
        if (archive->number < job.from.value_or(0)) continue;
        if (job.start_at && archive->created_at < *job.start_at) continue;
        if (job.end_at && archive->created_at >= *job.end_at) continue;
        if (job.limit && page.size() == static_cast<std::size_t>(*job.limit)) {
            job.next = archive->number;
            break;
        }
        page.push_back(archive);
    }
    job.output = job.format == "CSV" ? csv_of(page) : json_of(page, arn, at);
}

void Model::run_jobs(Vault& vault, std::string const& arn) {
    auto const take_inventory = [&vault](Time until) {
        if (!vault.learned || vault.learned->at > until) return;
        vault.inventory = std::exchange(vault.learned, std::nullopt);
        if (!vault.first_inventory_at) vault.first_inventory_at = vault.inventory->at;
    };
    std::vector<Job*> due;
    for (auto& job : vault.jobs) {
        if (job.status == "InProgress" && job.due_at <= now_) due.push_back(&job);
    }
    std::sort(due.begin(), due.end(), [](Job const* a, Job const* b) { return a->due_at < b->due_at; });
    for (auto* const job : due) {
        take_inventory(job->due_at);
        complete(vault, *job, arn);
    }
    take_inventory(now_);
    std::erase_if(vault.jobs, [&](Job const& job) {
        return job.completed_at && *job.completed_at + std::chrono::hours(24) <= now_;
    });
}

}  // namespace firn::test::model
