// A store with vaults, archives and jobs in it, for the tests of storage and of what reads it.
#pragma once

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "storage/blobs/blob_reader.hpp"
#include "storage/blobs/synthetic.hpp"
#include "storage/store.hpp"

namespace firn::test {

inline constexpr std::uint64_t mib = 1 << 20;
inline storage::Owner const own = {"123456789012", "us-east-1"};

inline storage::Time at(std::int64_t seconds) {
    return storage::Time(std::chrono::seconds(seconds));
}

inline std::span<std::byte const> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// Bytes that differ from one MiB to the next.
inline std::string pattern(std::uint64_t size) {
    std::string bytes(size, '\0');
    for (std::uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 131 >> 3) + (i >> 20));
    return bytes;
}

// Waits for what happens in the background: returns true as soon as `holds` does, false after ten seconds.
template <typename Predicate>
bool eventually(Predicate holds) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

inline std::size_t count_files(std::filesystem::path const& folder) {
    namespace fs = std::filesystem;
    std::size_t count = 0;
    std::error_code ignored;  // a file may be removed meanwhile
    for (auto it = fs::recursive_directory_iterator(folder); it != fs::end(it); it.increment(ignored)) {
        if (it->is_regular_file(ignored)) ++count;
    }
    return count;
}

// A new blob file with this content, under its name.
inline std::string publish(storage::BlobDirectory& blobs, std::string_view content) {
    auto name = blobs.new_name();
    auto file = blobs.create_incoming(name);
    file.write_all(bytes_of(content));
    blobs.publish(file, name);
    return name;
}

inline std::string read_all(storage::BlobReader& reader) {
    std::string bytes;
    while (auto const piece = reader.next()) {
        if (auto const* const text = std::get_if<std::string>(&*piece)) {
            bytes += *text;
            continue;
        }
        auto const& slice = std::get<storage::FilePiece>(*piece);
        std::string part(slice.size_bytes, '\0');
        auto const count =
            ::pread(slice.descriptor, part.data(), part.size(), static_cast<off_t>(slice.offset));
        bytes.append(part, 0, count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return bytes;
}

inline storage::Vault vault_of(std::int64_t vault_pk, std::string name) {
    storage::Vault vault;
    vault.vault_pk = vault_pk;
    vault.owner = own;
    vault.name = std::move(name);
    return vault;
}

class SampleStore {
public:
    explicit SampleStore(storage::DataDirectory directory = storage::DataDirectory::temporary())
        : path_(directory.path()), store_(std::move(directory)) {}

    storage::Store* operator->() { return &store_; }
    std::filesystem::path const& path() const { return path_; }
    // How many files lie in the blob directory, complete or not.
    std::size_t file_count() const { return count_files(path_ / "blobs") + count_files(path_ / "incoming"); }

    std::shared_ptr<storage::StagedBlob> stage(std::string_view content) {
        auto blob = store_.stage(0);
        blob->write(bytes_of(content));
        blob->finish();
        blob->make_durable();
        return blob;
    }

    storage::Vault add_vault(std::string name = "v", storage::Owner owner = own) {
        storage::Vault vault;
        vault.owner = std::move(owner);
        vault.name = std::move(name);
        vault.created_at = at(0);
        store_.write_and_wait([&](storage::Transaction& transaction) {
            vault.vault_pk = transaction.next_number();
            transaction.create_vault(vault);
        });
        return vault;
    }

    storage::Archive add_archive(std::int64_t vault_pk, std::string_view content,
                                 std::int64_t created_at_s = 0, storage::Time inventory_due_at = at(86'400)) {
        auto const blob = stage(content);
        storage::Archive archive;
        archive.vault_pk = vault_pk;
        archive.size_bytes = blob->size_bytes();
        archive.tree_hash = blob->digests().tree;
        archive.created_at = at(created_at_s);
        store_.write_and_wait([&](storage::Transaction& transaction) {
            archive.archive_pk = archive.created_number = transaction.next_number();
            archive.archive_id = "archive-" + std::to_string(archive.archive_pk);
            transaction.add_archive(archive, blob, inventory_due_at);
        });
        return archive;
    }

    storage::Archive add_synthetic_archive(std::int64_t vault_pk, std::int64_t tag,
                                           std::uint64_t size_bytes) {
        storage::Archive archive;
        archive.vault_pk = vault_pk;
        archive.size_bytes = size_bytes;
        archive.tree_hash = storage::SyntheticContent(tag, size_bytes).tree_hash();
        store_.write_and_wait([&](storage::Transaction& transaction) {
            archive.archive_pk = archive.created_number = transaction.next_number();
            archive.archive_id = "archive-" + std::to_string(archive.archive_pk);
            transaction.add_synthetic_archive(archive, tag, at(86'400));
        });
        return archive;
    }

    // One more blob for an archive, as a multipart upload will have them.
    void add_part(std::int64_t archive_pk, std::uint64_t first_byte, std::string_view content) {
        storage::ContentHash hash;
        hash.update(bytes_of(content));
        auto const digests = hash.finish();
        auto const leaves = std::as_bytes(std::span(digests.leaves));
        storage::Connection connection(path_ / "firn.db", false);
        auto query = connection.query(
            "INSERT INTO blobs (owner_pk, first_byte, size_bytes, tree_hash, data, leaves)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        query.bind(archive_pk, first_byte, std::uint64_t{content.size()}, digests.tree, bytes_of(content),
                   digests.leaves.size() > 1 ? std::optional(leaves) : std::nullopt);
        query.run();
    }

    void delete_archive(storage::Archive const& archive, std::int64_t now_s = 0) {
        store_.write_and_wait([&](storage::Transaction& transaction) {
            transaction.delete_archive(archive, at(now_s), at(now_s + 86'400));
        });
    }

    void take_inventory(std::int64_t vault_pk, storage::Time time) {
        store_.write_and_wait(
            [&](storage::Transaction& transaction) { transaction.take_inventory(vault_pk, time); });
    }

    // Takes its keys from the counter; the rest is as given.
    storage::Job add_job(storage::Job job) {
        store_.write_and_wait([&](storage::Transaction& transaction) {
            job.job_pk = transaction.next_number();
            job.job_id = "job-" + std::to_string(job.job_pk);
            transaction.add_job(job);
        });
        return job;
    }

    storage::Job add_inventory_job(std::int64_t vault_pk, std::int64_t due_at_s = 0) {
        storage::Job job;
        job.vault_pk = vault_pk;
        job.due_at = at(due_at_s);
        job.inventory.emplace().format = "JSON";
        return add_job(job);
    }

    storage::Job add_archive_job(storage::Archive const& archive, std::int64_t due_at_s = 0) {
        storage::Job job;
        job.vault_pk = archive.vault_pk;
        job.due_at = at(due_at_s);
        auto& retrieval = job.archive.emplace();
        retrieval.archive_pk = archive.archive_pk;
        retrieval.archive_id = archive.archive_id;
        retrieval.archive_size_bytes = archive.size_bytes;
        retrieval.archive_tree_hash = archive.tree_hash;
        retrieval.range = {0, archive.size_bytes - 1};
        retrieval.tier = "Standard";
        return add_job(job);
    }

    void complete(storage::Job const& job, std::int64_t expires_at_s = 86'400, std::string_view output = {}) {
        storage::JobCompletion completion{at(0), at(expires_at_s)};
        if (!output.empty()) completion.output = stage(output);
        store_.write_and_wait(
            [&](storage::Transaction& transaction) { transaction.complete_job(job, completion); });
    }

    void fail(storage::Job const& job, std::int64_t expires_at_s = 86'400) {
        store_.write_and_wait([&](storage::Transaction& transaction) {
            transaction.fail_job(job, at(0), at(expires_at_s), "no luck");
        });
    }

    void expire(storage::Job const& job) {
        store_.write_and_wait([&](storage::Transaction& transaction) { transaction.expire_job(job); });
    }

    // The bytes that the blobs of an archive or a job give for a range.
    std::string content(std::int64_t owner_pk, storage::ByteRange range) {
        auto reader = store_.read()->open_content(owner_pk, range);
        return read_all(reader);
    }

private:
    std::filesystem::path const path_;
    storage::Store store_;
};

}  // namespace firn::test
