// The JSON body of every operation that has one, through the real function. What it takes can be read back as
// it was sent, and sending that again changes nothing; what it refuses changes nothing.
#include <set>
#include <string>

#include "storage/blobs/synthetic.hpp"
#include "tests/fuzz/world.hpp"

namespace firn::fuzz {
namespace {
using nlohmann::json;

constexpr char vault_name[] = "v";
constexpr std::uint64_t archive_size_bytes = 5 << 20;
constexpr char placeholder[] = "@archive";

struct Stage {
    World world;
    std::string archive_id = std::string(glacier::Random("fuzz").id("archive", 1, 138));

    Stage() {
        world.store.write_and_wait([this](storage::Transaction& transaction) {
            call("CreateVault", request(), transaction);
            storage::Archive archive;
            archive.vault_pk = transaction.find_vault(owner, vault_name)->vault_pk;
            archive.archive_pk = archive.created_number = transaction.next_number();
            archive.archive_id = archive_id;
            archive.size_bytes = archive_size_bytes;
            archive.tree_hash = storage::SyntheticContent(1, archive_size_bytes).tree_hash();
            transaction.add_synthetic_archive(archive, 1, now);
        });
    }

    glacier::Request request(std::string body = "") const {
        auto request = world.request_to(vault_name);
        request.body = std::move(body);
        return request;
    }
};

// All that the operations of this file can change.
struct State {
    json documents;
    std::map<std::string, std::string> tags;
    bool operator==(State const&) const = default;
};

State state_of(Stage const& stage, storage::Transaction& transaction) {
    State state;
    for (auto const* const name : {"GetVaultAccessPolicy", "GetVaultNotifications", "GetVaultLock",
                                   "GetDataRetrievalPolicy", "ListTagsForVault", "ListJobs"}) {
        auto const answer = call(name, stage.request(), transaction);
        state.documents.push_back(answer.response ? answer.json() : json(answer.status));
    }
    state.tags = transaction.tags(transaction.find_vault(owner, vault_name)->vault_pk);
    return state;
}

// What a policy means: an action and a list of that one action are the same.
json meaning_of(json const& policy) {
    auto meaning = json::parse(policy.get<std::string>());
    auto& statements = meaning.at("Statement");
    if (!statements.is_array()) statements = json::array({statements});
    for (auto& statement : statements) {
        auto const action = statement.find("Action");
        if (action != statement.end() && action->is_string()) *action = json::array({*action});
    }
    return meaning;
}

// The operation has taken this body: what its counterpart shows is what was sent.
void check_taken(std::string_view name, json const& sent, Answer const& answer, State const& state) {
    auto const& [policy, notifications, lock, retrieval, tags, jobs] =
        state.documents.get<std::tuple<json, json, json, json, json, json>>();
    if (name == "SetVaultAccessPolicy") {
        FUZZ_CHECK(meaning_of(policy.at("Policy")) == meaning_of(sent.at("Policy")));
    } else if (name == "InitiateVaultLock") {
        FUZZ_CHECK(meaning_of(lock.at("Policy")) == meaning_of(sent.at("Policy")));
        FUZZ_CHECK(lock.at("State") == "InProgress");
        FUZZ_CHECK(!answer.field("x-amz-lock-id").empty());
    } else if (name == "SetVaultNotifications") {
        FUZZ_CHECK(notifications.at("SNSTopic") == sent.at("SNSTopic"));
        auto const events = [](json const& names) { return names.get<std::set<std::string>>(); };
        FUZZ_CHECK(events(notifications.at("Events")) == events(sent.at("Events")));
    } else if (name == "AddTagsToVault") {
        FUZZ_CHECK(tags.at("Tags") == sent.at("Tags") && state.tags.size() == sent.at("Tags").size());
    } else if (name == "RemoveTagsFromVault") {
        for (auto const& key : sent.at("TagKeys")) FUZZ_CHECK(!state.tags.contains(key));
    } else if (name == "SetDataRetrievalPolicy") {
        auto const& rule = retrieval.at("Policy").at("Rules").at(0);
        FUZZ_CHECK(rule.at("Strategy") == sent.at("Policy").at("Rules").at(0).at("Strategy"));
        FUZZ_CHECK((rule.at("Strategy") == "BytesPerHour") == rule.at("BytesPerHour").is_number());
    } else if (name == "InitiateJob") {
        auto const& job = jobs.at("JobList").at(0);
        FUZZ_CHECK(job.at("JobId") == answer.field("x-amz-job-id") && job.at("StatusCode") == "InProgress");
        bool const is_archive = job.at("Action") == "ArchiveRetrieval";
        FUZZ_CHECK(job.at("ArchiveId").is_string() == is_archive);
        FUZZ_CHECK(job.at("InventoryRetrievalParameters").is_null() == is_archive);
    }
}

bool is_repeatable(std::string_view name) {
    return name != "InitiateJob" && name != "InitiateVaultLock";
}

void check_operation(Stage const& stage, glacier::Operation const& operation, std::string const& body,
                     storage::Transaction& transaction) {
    auto const before = state_of(stage, transaction);
    auto const answer = call(operation, stage.request(body), transaction);
    auto const after = state_of(stage, transaction);
    if (!answer.response) {
        FUZZ_CHECK(after == before);
        return;
    }
    check_taken(operation.name, json::parse(body), answer, after);
    auto const again = call(operation, stage.request(body), transaction);
    FUZZ_CHECK(again.response.has_value() == (operation.name != "InitiateVaultLock"));
    if (is_repeatable(operation.name)) FUZZ_CHECK(state_of(stage, transaction) == after);
}

}  // namespace

// The first line is the name of the operation, all others the body, in which @archive is the id of an
// archive.
void try_input(std::string_view input) {
    static Stage stage;
    auto const name = take_line(input);
    for (auto const& operation : glacier::operations()) {
        if (operation.name != name || operation.body != glacier::BodyKind::json) continue;
        std::string body(input);
        if (auto const at = body.find(placeholder); at != body.npos) {
            body.replace(at, sizeof placeholder - 1, stage.archive_id);
        }
        stage.world.try_in_transaction(
            [&](storage::Transaction& transaction) { check_operation(stage, operation, body, transaction); });
    }
}

}  // namespace firn::fuzz
