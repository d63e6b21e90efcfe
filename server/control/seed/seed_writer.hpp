// Writes all of a seed document but the archives, through the operations of the API, in one transaction.
#pragma once

#include <string>
#include <vector>

#include "server/control/seed/seed.hpp"
#include "server/control/seed/seed_archives.hpp"
#include "server/control/seed/seed_document.hpp"
#include "server/glacier/operation_table.hpp"
#include "storage/store.hpp"

namespace firn::control {

class SeedWriter {
public:
    SeedWriter(SeedContext const& context, SeedPlace& place, storage::Transaction& transaction)
        : context_(context), place_(place), transaction_(transaction) {}

    // `vaults`: what SeedArchives has written for the document. Returns what was added. Throws Refusal,
    // glacier::ServiceError and text::JsonError; `place` is then the place of the mistake.
    Seeded write(text::JsonObject const& document, std::vector<SeedVault> const& vaults);

private:
    using Write = glacier::Write;

    void write_account(text::JsonObject const& account);
    void write_vault(text::JsonObject const& object, SeedVault const& vault);
    void adopt_archives();
    void write_settings(text::JsonObject const& vault);
    void write_lock(text::JsonObject const& lock);
    void take_inventory();
    void write_job(text::JsonObject const& object);

    glacier::Request request_to(storage::Owner const& owner, std::string const& vault_name, storage::Time now,
                                std::string body = {}) const;
    // Runs an operation on the vault that is being written.
    http::Response call(Write operation, std::string body, std::string const& resource_id = {});
    // The body of InitiateJob. An ArchiveId of @name becomes the id of that archive of this vault.
    std::string job_parameters(text::JsonObject const& job) const;

    SeedContext const& context_;
    SeedPlace& place_;
    storage::Transaction& transaction_;
    SeedVault const* vault_ = nullptr;  // that is being written
    Seeded seeded_;
};

}  // namespace firn::control
