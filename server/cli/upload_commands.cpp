// `firn uploads`: shows the open multipart uploads of all vaults, and drops one early.
#include "server/cli/listing.hpp"

namespace firn::cli {

void define_uploads(CLI::App& uploads, Commands& commands) {
    Listing const listing{"uploads",
                          {{"VAULT", "vault"},
                           {"ACCOUNT", "account"},
                           {"REGION", "region"},
                           {"CREATED", "created_at"},
                           {"EXPIRES", "expires_at"},
                           {"PART SIZE", "part_size_bytes"},
                           {"PARTS", "part_count"},
                           {"BYTES", "part_bytes"},
                           {"UPLOAD ID", "upload_id"},
                           {"DESCRIPTION", "description"}},
                          "no open uploads",
                          nullptr,
                          add_vault_filters};
    define_listing(uploads, commands, listing, "List the open multipart uploads, oldest first");
    add_expire(uploads, commands, listing.resource, "upload-id", "upload",
               "Drop an upload now, as if it had been idle too long");
}

}  // namespace firn::cli
