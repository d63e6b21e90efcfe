// What the store keeps, as values. Keys (…_pk) are numbers of one counter: unique for ever, in order of
// creation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/sha256.hpp"
#include "storage/time.hpp"
#include "storage/tree_hash.hpp"

namespace firn::storage {

// Whose vaults: nothing of one owner is visible to another.
struct Owner {
    std::string account;
    std::string region;
    bool operator==(Owner const&) const = default;
};

// How many archives, and the bytes in them.
struct Contents {
    std::uint64_t archive_count = 0;
    std::uint64_t archive_bytes = 0;
};

// What a vault's last inventory says.
struct Inventory {
    Time at;
    std::int64_t number = 0;  // knows every change up to this one
    Contents contents;
};

struct Vault {
    std::int64_t vault_pk = 0;
    Owner owner;
    std::string name;
    Time created_at;
    Contents contents;               // as they are now
    std::optional<Time> written_at;  // last upload or deletion of an archive
    std::optional<Inventory> inventory;
    std::optional<Time> inventory_first_at;
    std::optional<Time> inventory_due_at;  // set while the last inventory does not know the last write
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

// The stored numbers: never renumber.
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

// Which archives an inventory lists: those created in [start_at, end_at), from one on, so many.
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
    // Exactly one of the two.
    std::optional<ArchiveRetrieval> archive;
    std::optional<InventoryRetrieval> inventory;

    JobAction action() const {
        return archive ? JobAction::archive_retrieval : JobAction::inventory_retrieval;
    }
};

// A run of bytes of one blob: in a file of the blob directory, or, when `file` is empty, in `data`.
struct BlobSlice {
    std::string file;
    std::string data;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

// Something that is to happen at a time.
struct Due {
    enum class Kind { job_completes, job_expires, inventory };
    Kind kind;
    Time at;
    std::int64_t pk;  // of the job or vault
};

}  // namespace firn::storage
