// Keeps the clock in the store, so that a clock that was frozen, moved or sped up goes on after a restart.
#pragma once

#include <functional>
#include <string>

#include "server/time/clock.hpp"
#include "storage/store.hpp"

namespace firn::time {

// Used by one thread at a time. Throws what the store throws.
class ClockKeeper {
public:
    // Restores the clock that was kept. Where none was, sets it as `initial` says, unless that is "real":
    // "frozen", or a timestamp to be frozen at. Throws std::runtime_error when what is stored is later than
    // that.
    ClockKeeper(Clock& clock, storage::Store& store, std::string const& initial);

    // The clock goes on like this; kept before it moves, so that nothing is ever stored with a time that a
    // restart does not know.
    void change(Clock::State const& state);
    // The same from what it shows now, which `how` changes. It stands meanwhile: however fast it ran, what is
    // stored while that is kept is not later than what it goes on from. What `how` throws leaves it as it
    // was.
    void adjust(std::function<void(Clock::State&)> const& how);
    // Keeps what the clock shows now.
    void keep() {
        adjust([](Clock::State&) {});
    }
    // The store holds another state now: shows the time of that, as if none had passed since it was saved.
    // Reads only; keep() is to follow.
    void show_kept();
    // The store was emptied: shows what a new data directory begins with. Reads only; keep_initial() is to
    // follow.
    void show_initial();
    void keep_initial();

private:
    Clock& clock_;
    storage::Store& store_;
    std::string const initial_;
};

}  // namespace firn::time
