// Writes the archives of a seed document, in slices, so that the writes of others come in between.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/control/seed/seed.hpp"
#include "server/control/seed/seed_document.hpp"

namespace firn::control {

// A vault of the document, with the archives that were written for it.
struct SeedVault {
    storage::Owner owner;
    std::string name;
    storage::Time created_at;
    std::optional<storage::Time> existing_since;  // set when the vault exists already
    // The key of the archives. No vault has it yet; a new vault gets it.
    std::int64_t vault_pk = 0;
    storage::Contents contents;
    storage::Time first_archive_at;                  // of the first archive of the document
    storage::Time last_archive_at;                   // of the youngest
    std::map<std::string, std::string> archive_ids;  // by @name
};

class SeedArchives {
public:
    // Runs a piece of work and waits until it is committed.
    using Commit = std::function<void(storage::Writer::Work const&)>;

    SeedArchives(SeedContext const& context, std::filesystem::path const& folder, SeedPlace& place,
                 Commit const& commit)
        : context_(context), folder_(folder), place_(place), commit_(commit) {}
    SeedArchives(SeedArchives const&) = delete;
    // Removes what was written, unless keep() was called.
    ~SeedArchives();

    // Writes the archives of the document under keys of vaults that do not exist. Throws Refusal,
    // glacier::ServiceError and text::JsonError; `place` is then the place of the mistake.
    std::vector<SeedVault> const& write(text::JsonObject const& document);
    void keep() { kept_ = true; }

private:
    struct Row {
        std::size_t vault;                             // index
        std::string name;                              // for @name; may be empty
        storage::Archive archive;                      // lacks what depends on its key
        std::shared_ptr<storage::StagedBlob> content;  // null: synthetic
    };

    void add_vault(text::JsonObject const& object);
    // Gives keys to the vaults, and finds those that exist.
    void prepare_vaults();
    void check_created(text::JsonObject const& object, SeedVault const& vault);
    void add_archives(text::JsonObject const& object, std::size_t vault);
    void add(Row row);
    // Writes the rows that wait.
    void flush();
    void complete(Row& row, std::int64_t archive_pk);

    SeedContext const& context_;
    std::filesystem::path const& folder_;  // of files
    SeedPlace& place_;
    Commit const& commit_;
    std::vector<SeedVault> vaults_;
    std::vector<Row> rows_;         // that wait
    std::uint64_t rows_bytes_ = 0;  // that they hold in memory
    bool kept_ = false;
};

}  // namespace firn::control
