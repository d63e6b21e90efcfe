// `firn capacity`: shows the provisioned capacity units of all accounts, and ends one early.
#include "server/cli/listing.hpp"

namespace firn::cli {

void define_capacity(CLI::App& capacity, Commands& commands) {
    Listing const listing{"capacity",
                          {{"ACCOUNT", "account"},
                           {"REGION", "region"},
                           {"STARTED", "started_at"},
                           {"EXPIRES", "expires_at"},
                           {"CAPACITY ID", "capacity_id"}},
                          "no provisioned capacity",
                          nullptr,
                          add_owner_filters};
    define_listing(capacity, commands, listing, "List the provisioned capacity units, oldest first");
    add_expire(capacity, commands, listing.resource, "capacity-id", "capacity unit",
               "End a unit now, as if its month were over");
}

}  // namespace firn::cli
