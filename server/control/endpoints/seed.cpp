// Adds what a seed document describes.
#include "server/control/seed/seed.hpp"

#include "server/control/routes.hpp"

namespace firn::control {

http::Response seed(Request const& request, Context& context) {
    auto const seeded = apply_seed({.text = request.body, .folder = request.text("folder").value_or(".")},
                                   {.store = context.store,
                                    .rules = context.rules,
                                    .default_owner = context.default_owner,
                                    .now = context.clock.now(),
                                    .is_stopping = context.is_stopping});
    context.time_control.settle();
    return json_reply(200, {{"vaults", seeded.vaults},
                            {"existing_vaults", seeded.existing_vaults},
                            {"archives", seeded.archives},
                            {"archive_bytes", seeded.archive_bytes},
                            {"jobs", seeded.jobs}});
}

}  // namespace firn::control
