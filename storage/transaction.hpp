// A view that can also write. Each piece of the writer's work gets one: the piece is committed together with
// others, or undone alone when it throws.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/blobs/staged_blob.hpp"
#include "storage/view.hpp"

namespace firn::storage {

// The result of a retrieval that succeeds.
struct JobCompletion {
    Time at;
    Time expires_at;
    std::optional<std::int64_t> next_number = {};  // inventory: where the next page begins
    std::shared_ptr<StagedBlob> output = {};       // inventory: durable
};

class Transaction : public View {
public:
    using View::View;

    // The next value of the counter behind all keys.
    std::int64_t next_number() { return next_numbers(1); }
    // The first of the next `count` values.
    std::int64_t next_numbers(std::int64_t count);
    // Queues a piece of work for when this one is on disk: for what may take long, in pieces between which
    // others write. It is lost when the program ends before.
    void then(std::function<void(Transaction&)> work) { next_.push_back(std::move(work)); }

    // --- vaults.cpp
    void create_vault(Vault const& vault);
    // Also deletes everything that belongs to the vault; many archives in pieces afterwards, when nobody can
    // see them any more.
    void delete_vault(std::int64_t vault_pk);
    // Takes the vault's inventory of this moment. The next one becomes due with the next write.
    void take_inventory(std::int64_t vault_pk, Time at);
    // Dates the vault's next inventory.
    void set_inventory_due(std::int64_t vault_pk, Time due);
    // Takes the dates of all next inventories away.
    void clear_due_inventories();
    // Dates the vault's first inventory at `first_at` if it is younger, so that it can be retrieved.
    void make_inventory_ready(std::int64_t vault_pk, Time first_at);

    // --- vault_settings.cpp
    void set_vault_document(std::int64_t vault_pk, VaultDocument kind, std::string_view text);
    void remove_vault_document(std::int64_t vault_pk, VaultDocument kind);
    void set_tag(std::int64_t vault_pk, std::string_view key, std::string_view value);
    void remove_tag(std::int64_t vault_pk, std::string_view key);
    // Replaces the lock of the vault, if there is one.
    void set_vault_lock(std::int64_t vault_pk, VaultLock const& lock);
    void remove_vault_lock(std::int64_t vault_pk);
    // Removes an attempt to lock that ends at `at` or before.
    void end_vault_lock(std::int64_t vault_pk, Time at);

    // --- account_settings.cpp
    // Deletes everything that belongs to the account, in one region or in all.
    void delete_account(std::string_view account, std::optional<std::string> const& region);
    void set_data_retrieval_policy(Owner const& owner, DataRetrievalPolicy const& policy);
    void add_capacity_unit(Owner const& owner, CapacityUnit const& unit);
    void remove_capacity_unit(std::int64_t unit_pk);

    // --- archives.cpp
    // `content` must be durable. The vault's next inventory becomes due at `inventory_due_at`, if that is
    // given, unless one is due already.
    void add_archive(Archive const& archive, std::shared_ptr<StagedBlob> content,
                     std::optional<Time> inventory_due_at);
    // Both work also for a vault_pk that no vault has: the archive is invisible until adopt_archives().
    // The archive has the bytes and the tree hash of SyntheticContent(tag, archive.size_bytes).
    void add_synthetic_archive(Archive const& archive, std::int64_t tag,
                               std::optional<Time> inventory_due_at);
    // Makes the archives that were added under `from_pk`, a key without a vault, those of the vault: as if
    // they had been added now. The vault may have got that key in the meantime.
    void adopt_archives(std::int64_t vault_pk, std::int64_t from_pk, Contents const& contents,
                        Time written_at, std::optional<Time> inventory_due_at);
    // Deletes all archives of a key that no vault has, in pieces that follow this one.
    void delete_archives(std::int64_t vault_pk);
    // The bytes are removed once no finished job offers them for download.
    void delete_archive(Archive const& archive, Time now, std::optional<Time> inventory_due_at);

    // --- uploads.cpp
    void add_upload(Upload const& upload);
    // `content` must be durable. Replaces the part that begins at the same byte, and keeps the upload until
    // `due_at`.
    void put_part(Upload const& upload, std::uint64_t first_byte, std::shared_ptr<StagedBlob> content,
                  Time due_at);
    // Makes the upload's parts the archive's bytes; `archive.archive_pk` must be the upload's key. The upload
    // is remembered until `due_at`.
    void complete_upload(Upload const& upload, Archive const& archive, std::optional<Time> inventory_due_at,
                         Time due_at);
    // Removes the parts; the upload is remembered until `due_at`.
    void abort_upload(Upload const& upload, Time due_at);
    // Does nothing when the upload has been postponed beyond `at`.
    void drop_upload(std::int64_t upload_pk, Time at);

    // --- jobs.cpp
    void add_job(Job const& job);
    // Sets when a running job completes, or when a completed one expires.
    void set_job_due(std::int64_t job_pk, Time due);
    void complete_job(Job const& job, JobCompletion const& completion);
    void fail_job(Job const& job, Time at, Time expires_at, std::string const& message);
    void expire_job(Job const& job);

    void set_setting(std::string_view name, std::string_view value);

    // For the writer: what to call when this piece is undone, and when the commit is on disk.
    std::vector<std::function<void()>> take_undo() { return std::move(undo_); }
    std::vector<std::function<void()>> take_after_commit() { return std::move(after_commit_); }
    std::vector<std::function<void(Transaction&)>> take_next() { return std::move(next_); }
    // The earliest due time that this piece has written.
    std::optional<Time> earliest_due() const { return earliest_due_; }
    // Asks the writer to read the earliest due time of all records anew (Writer::next_due). For work that
    // removes what is due.
    void renew_next_due() { renews_next_due_ = true; }
    bool renews_next_due() const { return renews_next_due_; }

private:
    void insert_archive(Archive const& archive, std::optional<Time> inventory_due_at);
    void add_blob(std::int64_t owner_pk, std::uint64_t first_byte, std::shared_ptr<StagedBlob> content);
    // Removes the blobs of an owner that begin in the range.
    void remove_blobs(std::int64_t owner_pk, ByteRange first_bytes);
    void remove_blobs(std::int64_t owner_pk);
    // Removes the bytes of a deleted archive unless a finished job still offers them.
    void remove_unneeded_blobs(std::int64_t archive_pk);
    void record_write(std::int64_t vault_pk, Time now, std::int64_t count_change, std::int64_t bytes_change,
                      std::optional<Time> inventory_due_at);
    void note_due(Time due);

    std::optional<Time> earliest_due_;
    bool renews_next_due_ = false;
    std::vector<std::function<void()>> undo_;
    std::vector<std::function<void()>> after_commit_;
    std::vector<std::function<void(Transaction&)>> next_;
};

}  // namespace firn::storage
