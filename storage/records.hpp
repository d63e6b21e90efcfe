// What the store keeps, as values. Keys (…_pk) come from one counter: they are never used again, and their
// order is the order of creation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/hash/sha256.hpp"
#include "storage/hash/tree_hash.hpp"
#include "storage/time.hpp"

namespace firn::storage {

// The owner of vaults. Nothing of one owner is visible to another.
struct Owner {
    std::string account;
    std::string region;
    bool operator==(Owner const&) const = default;
};

// The number of archives, and the bytes in them.
struct Contents {
    std::uint64_t archive_count = 0;
    std::uint64_t archive_bytes = 0;
};

// A vault's last inventory.
struct Inventory {
    Time at;
    std::int64_t number = 0;  // it includes every change up to this one
    Contents contents;
};

struct Vault {
    std::int64_t vault_pk = 0;
    Owner owner;
    std::string name;
    Time created_at;
    Contents contents;               // now
    std::optional<Time> written_at;  // last upload or deletion of an archive
    std::optional<Inventory> inventory;
    std::optional<Time> inventory_first_at;
    std::optional<Time> inventory_due_at;  // set while the last inventory lacks the last write
};

struct Archive {
    std::int64_t archive_pk = 0;
    std::int64_t vault_pk = 0;
    std::string archive_id;
    std::string description;
    std::uint64_t size_bytes = 0;
    Digest tree_hash{};
    Time created_at;
    std::int64_t created_number = 0;
    bool deleted = false;
};

// Something that will happen at a time, without a request.
struct Event {
    Time at;
    // job_completes, job_expires, upload_dropped, lock_ends, capacity_ends, inventory (one is taken),
    // inventory_ready (the first can be retrieved) or vault_deletable
    std::string kind;
    Owner owner;
    std::string vault_name;  // empty: of a capacity unit
    std::string id;          // of the job, upload or capacity unit
};

// Stored as numbers: never renumber.
enum class JobAction { archive_retrieval = 0, inventory_retrieval = 1 };
enum class JobStatus { in_progress = 0, succeeded = 1, failed = 2 };

struct ArchiveRetrieval {
    std::int64_t archive_pk = 0;
    std::string archive_id;
    std::uint64_t archive_size_bytes = 0;
    Digest archive_tree_hash{};
    std::string tier;
    ByteRange range;                        // of the archive
    std::optional<Digest> range_tree_hash;  // only when the range is tree-hash aligned
};

// Which archives an inventory lists: those created in [start_at, end_at), beginning at from_number, at most
// entry_limit.
struct InventoryFilter {
    std::optional<Time> start_at;
    std::optional<Time> end_at;
    std::optional<std::int64_t> entry_limit;
    std::optional<std::int64_t> from_number;  // an archive's created_number
};

struct InventoryRetrieval {
    std::string format;
    InventoryFilter filter;
    std::optional<std::int64_t> next_number;         // after completion: where the next page begins
    std::optional<std::uint64_t> output_size_bytes;  // after completion
};

struct Job {
    std::int64_t job_pk = 0;
    std::int64_t vault_pk = 0;
    std::string job_id;
    JobStatus status = JobStatus::in_progress;
    std::optional<std::string> status_message;
    std::optional<std::string> description;
    std::optional<std::string> sns_topic;
    Time created_at;
    Time due_at;  // the next change: completion, then expiry
    std::optional<Time> completed_at;
    // The message with which the job will fail; without one it will succeed.
    std::optional<std::string> failure;
    // Exactly one of the two is set.
    std::optional<ArchiveRetrieval> archive;
    std::optional<InventoryRetrieval> inventory;

    JobAction action() const {
        return archive ? JobAction::archive_retrieval : JobAction::inventory_retrieval;
    }
};

// The number of jobs of all vaults.
struct JobCounts {
    std::uint64_t in_progress = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
};

// Stored as numbers: never renumber.
enum class UploadState { open = 0, completed = 1, aborted = 2 };

// A multipart upload.
struct Upload {
    std::int64_t upload_pk = 0;  // also the archive_pk of the archive that it becomes
    std::int64_t vault_pk = 0;
    std::string upload_id;
    std::optional<std::string> description;
    std::uint64_t part_size_bytes = 0;
    Time created_at;
    UploadState state = UploadState::open;
    std::string archive_id;  // once completed
    Time due_at;             // when it is dropped
};

// A part of a multipart upload.
struct Part {
    ByteRange range;
    Digest tree_hash{};
};

// How many parts an upload has, and the bytes in them.
struct PartTotals {
    std::uint64_t part_count = 0;
    std::uint64_t part_bytes = 0;
};

// The kinds of documents. A vault has at most one of each; its text is returned as it was stored. Stored as
// numbers: never renumber.
enum class VaultDocument { access_policy = 0, notification_configuration = 1 };

struct VaultLock {
    std::string lock_id;
    std::string policy;
    Time created_at;
    std::optional<Time> due_at;  // when the attempt to lock ends; nothing once locked

    bool is_locked() const { return !due_at; }
};

struct DataRetrievalPolicy {
    std::string strategy;
    std::optional<std::int64_t> bytes_per_hour;
};

struct CapacityUnit {
    std::int64_t unit_pk = 0;
    std::string capacity_id;
    Time started_at;
    Time due_at;  // when it ends
};

struct OwnedCapacityUnit : CapacityUnit {
    Owner owner;
};

}  // namespace firn::storage
