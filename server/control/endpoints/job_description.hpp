// A job as the control surface shows it.
#pragma once

#include <nlohmann/json.hpp>

#include "server/glacier/random.hpp"
#include "storage/view.hpp"

namespace firn::control {

// Everything that firn knows about the job; a member that does not apply is null. `random` makes the markers
// of inventories.
nlohmann::ordered_json describe(storage::Job const& job, storage::View const& view,
                                glacier::Random const& random);

}  // namespace firn::control
