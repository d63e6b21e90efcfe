// Writes a seed document through the operations of the API, in one transaction.
#pragma once

#include <map>
#include <string>

#include "server/control/seed/seed.hpp"
#include "server/control/seed/seed_contents.hpp"
#include "server/control/seed/seed_document.hpp"
#include "server/glacier/operation_table.hpp"
#include "storage/store.hpp"

namespace firn::control {

class SeedWriter {
public:
    SeedWriter(SeedContext const& context, SeedPlace& place, SeedContents& contents,
               storage::Transaction& transaction)
        : context_(context), place_(place), contents_(contents), transaction_(transaction) {}

    // Returns what was added. Throws Refusal, glacier::ServiceError and text::JsonError; `place` is then the
    // place of the mistake.
    Seeded write(text::JsonObject const& document);

private:
    using Write = glacier::Write;

    void write_account(text::JsonObject const& account);
    void write_vault(text::JsonObject const& vault);
    void write_settings(text::JsonObject const& vault);
    void write_lock(text::JsonObject const& lock);
    void take_inventory();
    void write_archives(text::JsonObject const& object, storage::Time earliest);
    // Returns the archive's id.
    std::string write_archive(SeedArchive const& entry, glacier::Request& request);
    void write_job(text::JsonObject const& object);

    glacier::Request request_to(storage::Owner const& owner, std::string const& vault_name, storage::Time now,
                                std::string body = {}) const;
    // Runs an operation on the vault that is being written.
    http::Response call(Write operation, std::string body, std::string const& resource_id = {});
    storage::Owner owner_of(text::JsonObject const& object) const;
    // A date that is not in the future; `fallback` when it is absent.
    storage::Time date(text::JsonObject const& object, char const* member, storage::Time fallback) const;
    // The body of InitiateJob. An ArchiveId of @name becomes the id of that archive of this vault.
    std::string job_parameters(text::JsonObject const& job) const;

    SeedContext const& context_;
    SeedPlace& place_;
    SeedContents& contents_;
    storage::Transaction& transaction_;
    storage::Owner owner_;                            // of the vault that is being written
    std::string vault_name_;                          // the same
    std::map<std::string, std::string> archive_ids_;  // of this vault, by @name
    Seeded seeded_;
};

}  // namespace firn::control
