#include "server/control/seed/seed_archives.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <utility>

#include "server/control/refusal.hpp"
#include "server/control/seed/seed_contents.hpp"
#include "server/glacier/error.hpp"
#include "server/glacier/limits.hpp"
#include "server/text/timestamp.hpp"
#include "storage/blobs/synthetic.hpp"

namespace firn::control {
namespace {
using text::JsonObject;

// Limits of a slice: how long others wait for it, and the memory that it takes.
constexpr std::size_t slice_rows_max = 500;
constexpr std::uint64_t slice_bytes_max = 4 << 20;

}  // namespace

SeedArchives::~SeedArchives() {
    if (kept_ || vaults_.empty() || vaults_.front().vault_pk == 0) return;
    try {
        commit_([this](storage::Transaction& transaction) {
            for (auto const& vault : vaults_) transaction.delete_archives(vault.vault_pk);
        });
    } catch (std::exception const& error) {
        spdlog::warn("the archives of a failed seed are removed at the next start: {}", error.what());
    }
}

std::vector<SeedVault> const& SeedArchives::write(JsonObject const& document) {
    place_.check_members(document, "the document", {"vaults", "accounts"});
    place_.each(document, "vaults", [this](JsonObject const& vault) { add_vault(vault); });
    if (vaults_.empty()) return vaults_;
    prepare_vaults();
    std::size_t vault = 0;
    place_.each(document, "vaults", [&](JsonObject const& object) {
        check_created(object, vaults_[vault]);
        place_.each(object, "archives", [&](JsonObject const& archive) { add_archives(archive, vault); });
        ++vault;
    });
    flush();
    return vaults_;
}

void SeedArchives::add_vault(JsonObject const& object) {
    place_.check_members(object, "a vault",
                         {"name", "account", "region", "created", "tags", "notifications", "access_policy",
                          "archives", "inventory", "lock", "jobs"});
    SeedVault vault;
    vault.owner = parse_seed_owner(object, context_.default_owner);
    vault.name = place_.require(object, "name");
    if (!glacier::is_vault_name(vault.name)) throw glacier::errors::invalid_vault_name(vault.name);
    vault.created_at = parse_seed_date(object, "created", context_.now).value_or(context_.now);
    vaults_.push_back(std::move(vault));
}

void SeedArchives::prepare_vaults() {
    commit_([this](storage::Transaction& transaction) {
        auto key = transaction.next_numbers(static_cast<std::int64_t>(vaults_.size()));
        for (auto& vault : vaults_) {
            vault.vault_pk = key++;
            auto const existing = transaction.find_vault(vault.owner, vault.name);
            if (existing) vault.existing_since = existing->created_at;
        }
    });
    std::map<std::pair<std::pair<std::string, std::string>, std::string>, storage::Time> named;
    for (auto& vault : vaults_) {
        auto const created_at = vault.existing_since.value_or(vault.created_at);
        auto const [first, is_first] =
            named.try_emplace({{vault.owner.account, vault.owner.region}, vault.name}, created_at);
        if (!is_first) vault.existing_since = first->second;
        vault.created_at = first->second;
    }
}

void SeedArchives::check_created(JsonObject const& object, SeedVault const& vault) {
    place_.in(object, "created", [&] {
        auto const created_at = parse_seed_date(object, "created", context_.now);
        if (created_at == vault.created_at) return;
        throw Refusal{400,
                      fmt::format("the vault {} exists already and was created at {}: leave out created, or "
                                  "give this time",
                                  vault.name, text::format_milliseconds(vault.created_at))};
    });
}

void SeedArchives::add_archives(JsonObject const& object, std::size_t vault) {
    auto const entry = parse_seed_archive(place_, object);
    Row row{vault, entry.name, {}, nullptr};
    row.archive.created_at = parse_seed_date(object, "created", context_.now).value_or(context_.now);
    if (row.archive.created_at < vaults_[vault].created_at) {
        throw Refusal{400, fmt::format("an archive cannot be older than its vault, which was created at {}",
                                       text::format_milliseconds(vaults_[vault].created_at))};
    }
    if (!entry.synthetic_bytes) row.content = stage_content(context_.store, folder_, entry);
    row.archive.size_bytes = entry.synthetic_bytes ? *entry.synthetic_bytes : row.content->size_bytes();
    for (std::int64_t number = 1; number <= entry.count; ++number) {
        row.archive.description = entry.description;
        boost::replace_all(row.archive.description, "{n}", std::to_string(number));
        glacier::check_description(row.archive.description, "description");
        add(row);
    }
}

void SeedArchives::add(Row row) {
    auto& vault = vaults_[row.vault];
    auto const created_at = row.archive.created_at;
    if (vault.contents.archive_count++ == 0) vault.first_archive_at = vault.last_archive_at = created_at;
    vault.last_archive_at = std::max(vault.last_archive_at, created_at);
    vault.contents.archive_bytes += row.archive.size_bytes;
    if (row.content) rows_bytes_ += row.content->inline_bytes().size();
    rows_.push_back(std::move(row));
    if (rows_.size() >= slice_rows_max || rows_bytes_ >= slice_bytes_max) flush();
}

void SeedArchives::flush() {
    if (context_.is_stopping && context_.is_stopping()) throw Refusal{503, "firn stops; nothing was added"};
    if (rows_.empty()) return;
    std::int64_t archive_pk = 0;
    commit_([&](storage::Transaction& transaction) {
        archive_pk = transaction.next_numbers(static_cast<std::int64_t>(rows_.size()));
    });
    // Outside of the writer, because ids and hashes take longer than the rows.
    for (auto& row : rows_) complete(row, archive_pk++);
    commit_([this](storage::Transaction& transaction) {
        // The inventory becomes due when the archives are adopted.
        for (auto const& row : rows_) {
            if (row.content) {
                transaction.add_archive(row.archive, row.content, std::nullopt);
            } else {
                transaction.add_synthetic_archive(row.archive, row.archive.archive_pk, std::nullopt);
            }
        }
    });
    rows_.clear();
    rows_bytes_ = 0;
}

void SeedArchives::complete(Row& row, std::int64_t archive_pk) {
    auto& vault = vaults_[row.vault];
    auto& archive = row.archive;
    archive.vault_pk = vault.vault_pk;
    archive.archive_pk = archive.created_number = archive_pk;
    archive.archive_id = context_.rules.random.id("archive", archive_pk, glacier::archive_id_length);
    archive.tree_hash = row.content ? row.content->digests().tree
                                    : storage::SyntheticContent(archive_pk, archive.size_bytes).tree_hash();
    if (!row.name.empty()) vault.archive_ids["@" + row.name] = archive.archive_id;
}

}  // namespace firn::control
