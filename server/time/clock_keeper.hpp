// Stores the clock, so that a clock that was frozen, moved or sped up continues after a restart.
#pragma once

#include <functional>
#include <string>

#include "server/time/clock.hpp"
#include "storage/store.hpp"

namespace firn::time {

// For one thread at a time. All functions throw what the store throws.
class ClockKeeper {
public:
    // Restores the stored clock. If there is none, `initial` sets it: "real" leaves it unchanged, "frozen"
    // freezes it, a timestamp freezes it at that time. Throws std::runtime_error when the store holds later
    // times than that.
    ClockKeeper(Clock& clock, storage::Store& store, std::string const& initial);

    // Gets the current state of the clock to change, and what is stored.
    using Change = std::function<void(Clock::State&, storage::View const&)>;

    // Changes the clock and stores its new state in one piece of the writer's work: no write comes between
    // the decision and the change, and nothing is stored with a time later than the stored clock. When `how`
    // or the store throws, the clock continues as before.
    void change(Change const& how);
    // Stores the current state; returns the time in it.
    storage::Time keep();
    // For when the store has been replaced by a snapshot: sets the clock to the stored state, as if no time
    // had passed since it was saved. Writes nothing; call keep() afterwards.
    void show_kept();
    // The time that a new data directory begins with.
    storage::Time initial_time() const;
    // For when the store has been emptied: sets the clock as for a new data directory. Writes nothing; call
    // keep_initial() afterwards.
    void show_initial();
    void keep_initial();

private:
    Clock& clock_;
    storage::Store& store_;
    std::string const initial_;
};

}  // namespace firn::time
