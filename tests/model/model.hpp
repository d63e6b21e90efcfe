// A small Glacier in maps and vectors, written from the documented rules. It predicts the answer to every
// request; only what the server draws at random (ids, markers, the time of day of a vault's inventory) it
// learns from the answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/raw_client.hpp"

namespace firn::test::model {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;
using nlohmann::json;

struct Rules {
    std::map<std::string, Duration> tiers;
    Duration inventory_job;
    bool daily = false;  // inventories; else they are fresh
};

// A request, and who sends it.
struct Call {
    std::string operation;
    std::size_t client = 0;
    std::string account = "-";
    bool has_version = true;
    std::string vault;
    std::string id;
    std::map<std::string, std::string> query;
    RawFields fields;
    std::string body;

    std::optional<std::string> field(std::string const& name) const;
    std::optional<std::string> parameter(std::string const& name) const;  // an empty one counts as none
};

// Stands in an expected body for a text that the server chooses.
extern json const any_text;

struct Expected {
    unsigned status = 0;
    std::string code = {};                                          // of an error
    std::optional<json> body = std::nullopt;                        // compared as JSON
    std::optional<std::string> bytes = std::nullopt;                // compared as it is
    std::map<std::string, std::optional<std::string>> fields = {};  // nothing: must be absent
    std::function<void(RawReply const&)> learn = nullptr;
};

struct Refusal {
    unsigned status;
    char const* code;
};
inline constexpr Refusal invalid{400, "InvalidParameterValueException"};
inline constexpr Refusal missing{400, "MissingParameterValueException"};
inline constexpr Refusal unreadable{400, "SerializationException"};
inline constexpr Refusal over_limit{400, "LimitExceededException"};
inline constexpr Refusal denied{403, "AccessDeniedException"};
inline constexpr Refusal bad_signature{403, "InvalidSignatureException"};
inline constexpr Refusal not_found{404, "ResourceNotFoundException"};

struct Archive {
    std::string id;
    std::string description;
    std::string content;
    std::string hash;
    Time created_at;
    std::int64_t number = 0;  // in the order of creation
    bool deleted = false;
};
using ArchivePtr = std::shared_ptr<Archive>;

struct Inventory {
    Time at;
    std::vector<ArchivePtr> archives;
};

struct Job {
    std::string id;
    std::optional<std::string> description;
    std::optional<std::string> topic;
    std::int64_t number = 0;
    Time created_at;
    Time due_at;
    std::string status = "InProgress";
    std::optional<Time> completed_at;
    ArchivePtr archive;  // none: an inventory
    std::string tier;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string format;
    std::optional<Time> start_at;
    std::optional<Time> end_at;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> from;  // the number of the archive at which it begins
    std::optional<std::int64_t> next;
    std::string output;
};

struct Upload {
    enum class State { open, completed, aborted };
    std::string id;
    std::optional<std::string> description;
    std::uint64_t part_size = 0;
    Time created_at;
    Time due_at;
    std::int64_t number = 0;
    State state = State::open;
    std::map<std::uint64_t, std::string> parts;
    ArchivePtr archive;
};

struct Lock {
    std::string id;
    std::string policy;
    Time created_at;
    bool locked = false;
};

struct Vault {
    std::int64_t number = 0;
    std::string name;
    Time created_at;
    std::vector<ArchivePtr> archives;  // the deleted ones, too
    std::optional<Time> written_at;
    std::optional<Time> pending_since;  // the first write that is in no daily inventory
    std::optional<Inventory> inventory;
    std::optional<Inventory> learned;  // one that is not applied yet
    std::optional<Time> first_inventory_at;
    std::optional<Duration> time_of_day;
    std::map<std::string, std::string> tags;
    std::optional<json> notifications;
    std::optional<std::string> access_policy;
    std::optional<Lock> lock;
    std::vector<Upload> uploads;
    std::vector<Job> jobs;

    std::vector<ArchivePtr> live() const;
};

struct Unit {
    std::string id;
    Time start;
    Time end;
};

struct Owner {
    std::string account;
    std::string region;
    std::string partition;
    std::map<std::string, Vault> vaults = {};
    json retrieval_rule = {{"BytesPerHour", nullptr}, {"Strategy", "None"}};
    std::vector<Unit> units = {};

    std::string arn(std::string const& vault) const;
};

class Model {
public:
    Model(Rules rules, std::vector<Owner> owners, Time now);

    // Takes the request as done: with the reply, call `learn`.
    Expected predict(Call const& call);

    // Time passes in three steps: the clock moves; each vault that waits for a daily inventory is described
    // and the answer told; then what is due happens.
    void move_clock(Duration duration) { now_ += duration; }
    // Throws std::runtime_error when an inventory came at a wrong time, or did not come.
    void learn_inventory(std::size_t owner, std::string const& name, json const& description);
    void run_due();

    Time now() const { return now_; }
    std::vector<Owner> const& owners() const { return owners_; }
    // A marker, if there was one.
    std::map<std::string, std::pair<std::string, std::int64_t>> const& markers() const { return markers_; }

private:
    using Handler = Expected (Model::*)(Call const&);
    static std::map<std::string, Handler> const& handlers();

    Expected create_vault(Call const&);
    Expected describe_vault(Call const&);
    Expected list_vaults(Call const&);
    Expected delete_vault(Call const&);
    Expected set_notifications(Call const&);
    Expected get_notifications(Call const&);
    Expected delete_notifications(Call const&);
    Expected set_access_policy(Call const&);
    Expected get_access_policy(Call const&);
    Expected delete_access_policy(Call const&);
    Expected initiate_lock(Call const&);
    Expected get_lock(Call const&);
    Expected abort_lock(Call const&);
    Expected complete_lock(Call const&);
    Expected add_tags(Call const&);
    Expected remove_tags(Call const&);
    Expected list_tags(Call const&);
    Expected upload_archive(Call const&);
    Expected delete_archive(Call const&);
    Expected initiate_upload(Call const&);
    Expected upload_part(Call const&);
    Expected complete_upload(Call const&);
    Expected abort_upload(Call const&);
    Expected list_parts(Call const&);
    Expected list_uploads(Call const&);
    Expected initiate_job(Call const&);
    Expected describe_job(Call const&);
    Expected list_jobs(Call const&);
    Expected job_output(Call const&);
    Expected get_retrieval_policy(Call const&);
    Expected set_retrieval_policy(Call const&);
    Expected list_capacity(Call const&);
    Expected purchase_capacity(Call const&);

    Owner& owner_of(Call const& call) { return owners_.at(call.client); }
    Vault& vault_of(Call const& call);
    // Null when the owner has no vault with this number (any more).
    Vault* find_vault(std::size_t client, std::int64_t number);
    json describe(Vault const& vault, Owner const& owner) const;
    json describe(Job const& job, std::string const& arn) const;
    void note_write(Vault& vault);
    Job archive_job(Call const& call, Vault& vault, json const& body);
    Job inventory_job(Call const& call, Vault& vault, json const& body);
    void complete(Vault& vault, Job& job, std::string const& arn) const;
    void run_jobs(Vault& vault, std::string const& arn);
    // Where a list begins that was given this marker before; `fallback` without one.
    std::int64_t place_of(Call const& call, std::string const& scope, std::int64_t fallback) const;
    std::function<void(RawReply const&)> learn_marker(std::string scope, std::int64_t place);

    Rules rules_;
    std::vector<Owner> owners_;
    Time now_;
    std::int64_t last_number_ = 0;
    std::map<std::string, std::pair<std::string, std::int64_t>> markers_;  // scope and place
};

}  // namespace firn::test::model
