// How a reset or a restore replaces the store.
#pragma once

#include <functional>

#include "server/control/context.hpp"

namespace firn::control {

// `show_time` sets the clock for the new store. It is called before anything is written, so that writes get
// the new times.
inline storage::Replacement replacement(Context const& context, std::function<void()> show_time) {
    return {
        // A snapshot may come from another server; this one keeps its own seed.
        .kept_settings = {"seed"},
        // An id of the time that is undone must not come to mean another archive, which would hide a client
        // that holds on to it. With --seed, repeating ids is what was asked for.
        .keeps_counter = !context.repeats_ids,
        .switched = std::move(show_time),
    };
}

}  // namespace firn::control
