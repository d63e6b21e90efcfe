// A consistent view of everything that was committed at its first query. Only reads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/blobs/blob_reader.hpp"
#include "storage/due.hpp"
#include "storage/filters.hpp"
#include "storage/records.hpp"
#include "storage/sqlite/connection.hpp"

namespace firn::storage {

// Which statuses a listing of jobs includes.
struct JobStatuses {
    bool in_progress = true;
    bool succeeded = true;
    bool failed = true;
};

// Used by one thread at a time. Every function may throw SQLite::Exception when the database is damaged.
class View {
public:
    View(Connection& connection, BlobDirectory& blobs) : connection_(connection), blobs_(blobs) {}

    // --- vaults.cpp
    std::optional<Vault> find_vault(Owner const& owner, std::string_view name) const;
    std::optional<Vault> vault(std::int64_t vault_pk) const;
    // Sorted by name in byte order, beginning at `from_name`.
    std::vector<Vault> list_vaults(Owner const& owner, std::string_view from_name, std::size_t limit) const;
    std::uint64_t count_vaults(Owner const& owner) const;
    // Of all owners, oldest first, beginning at `from_pk`.
    std::vector<Vault> list_vaults(VaultFilter const& filter, std::int64_t from_pk, std::size_t limit) const;
    // The same, but only vaults whose lock is in progress or complete.
    std::vector<Vault> list_vaults_with_lock(VaultFilter const& filter, std::int64_t from_pk,
                                             std::size_t limit) const;

    // --- vault_settings.cpp
    std::optional<std::string> vault_document(std::int64_t vault_pk, VaultDocument kind) const;
    std::map<std::string, std::string> tags(std::int64_t vault_pk) const;
    std::optional<VaultLock> vault_lock(std::int64_t vault_pk) const;

    // --- account_settings.cpp
    std::optional<DataRetrievalPolicy> data_retrieval_policy(Owner const& owner) const;
    // In order of purchase.
    std::vector<CapacityUnit> capacity_units(Owner const& owner) const;
    std::optional<OwnedCapacityUnit> find_capacity_unit(std::string_view capacity_id) const;
    // Of all owners, in order of purchase, beginning at `from_pk`.
    std::vector<OwnedCapacityUnit> list_capacity_units(OwnerFilter const& filter, std::int64_t from_pk,
                                                       std::size_t limit) const;

    // --- archives.cpp
    // Finds deleted archives too.
    std::optional<Archive> find_archive(Owner const& owner, std::string_view archive_id) const;
    std::optional<Archive> archive(std::int64_t archive_pk) const;
    // The archives of a vault in order of creation: those that are not deleted, or, with `as_of_number`,
    // those that the inventory of that number lists. Ends when `visit` returns false.
    void visit_archives(std::int64_t vault_pk, InventoryFilter const& filter,
                        std::optional<std::int64_t> as_of_number,
                        std::function<bool(Archive const&)> const& visit) const;
    // Of all owners, those that are `deleted` or those that are not: the oldest vault first, each vault in
    // order of creation, beginning at `from`.
    std::vector<Archive> list_archives(VaultFilter const& filter, bool deleted,
                                       std::optional<Archive> const& from, std::size_t limit) const;
    // The bytes of a range, to be read in order, even after the view has ended. `owner_pk`: an archive, or a
    // job with an output of its own. Throws std::system_error when a file is missing.
    BlobReader open_content(std::int64_t owner_pk, ByteRange range) const;
    // The tree hash of a tree-hash aligned range.
    Digest range_tree_hash(std::int64_t archive_pk, ByteRange range) const;
    BlobTotals blob_totals() const;
    // The keys of archives whose vault is deleted, or was never completed: their deletion is not finished.
    std::vector<std::int64_t> keys_without_vault() const;

    // --- uploads.cpp
    std::optional<Upload> find_upload(std::int64_t vault_pk, std::string_view upload_id) const;
    // In any vault.
    std::optional<Upload> find_upload(std::string_view upload_id) const;
    // The open ones, oldest first, beginning at `from_pk`.
    std::vector<Upload> list_uploads(std::int64_t vault_pk, std::int64_t from_pk, std::size_t limit) const;
    // The same, of all owners.
    std::vector<Upload> list_uploads(VaultFilter const& filter, std::int64_t from_pk,
                                     std::size_t limit) const;
    // In order of their ranges, beginning at `from_byte`.
    std::vector<Part> list_parts(std::int64_t upload_pk, std::uint64_t from_byte, std::size_t limit) const;
    PartTotals part_totals(std::int64_t upload_pk) const;

    // --- jobs.cpp
    std::optional<Job> find_job(std::int64_t vault_pk, std::string_view job_id) const;
    std::optional<Job> job(std::int64_t job_pk) const;
    // In any vault.
    std::optional<Job> find_job(std::string_view job_id) const;
    // Of all vaults, newest first, beginning at `from_pk`.
    std::vector<Job> list_jobs(JobFilter const& filter, std::optional<std::int64_t> from_pk,
                               std::size_t limit) const;
    // Newest first, beginning at `from_pk`.
    std::vector<Job> list_jobs(std::int64_t vault_pk, JobStatuses statuses,
                               std::optional<std::int64_t> from_pk, std::size_t limit) const;
    JobCounts count_jobs() const;

    // --- due.cpp
    // What is due at `now` or earlier, in order of time; at most `limit`.
    std::vector<Due> list_due(Time now, std::size_t limit) const;
    // The earliest due time, which may have passed.
    std::optional<Time> next_due() const;
    // The vaults that have been written since their last inventory, but have no date for the next.
    std::vector<std::int64_t> vaults_without_due_inventory() const;
    bool has_due_inventories() const;

    // --- events.cpp
    // What will happen after that time, in order of time; at most `limit`. The first inventory of a vault can
    // be retrieved `first_inventory_delay` after it was taken; nothing: that is no event.
    std::vector<Event> list_events(Time after, std::size_t limit,
                                   std::optional<Duration> first_inventory_delay) const;

    // --- overview.cpp
    // The latest time of anything that is stored; nothing when the store is empty.
    std::optional<Time> latest_time() const;
    // When the last of the running jobs and of the inventories is due.
    std::optional<Time> last_pending() const;
    // Of all owners, sorted by account, region and name.
    std::vector<std::int64_t> all_vaults() const;

    std::optional<std::string> setting(std::string_view name) const;
    BlobDirectory& blobs() const { return blobs_; }

protected:
    Connection& connection_;
    BlobDirectory& blobs_;
};

}  // namespace firn::storage
