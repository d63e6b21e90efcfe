// The clock of everything that firn stores and does: "domain time". It follows real time by default, and can
// be frozen, moved and run at another rate. Socket timeouts use real time instead.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "storage/time.hpp"

namespace firn::time {

// All functions may be called from any thread.
class Clock {
public:
    // What another process needs to continue the clock: at `real_time` it showed `time`, and it runs at
    // `rate`.
    struct State {
        storage::Time time;
        storage::Time real_time;
        double rate = 1;  // domain seconds for each real second; 0 means frozen
    };

    // A new clock shows real time.
    Clock();

    storage::Time now() const;
    bool is_frozen() const;
    State state() const;
    // Freezes the clock and returns its state from before, with the old rate.
    State halt();
    // Continues from `state`: a running clock also advances by the real time that has passed since.
    void restore(State const& state);
    static storage::Time real_time();

    void freeze();
    // Runs from the time shown now, `rate` domain seconds for each real second.
    void resume(double rate = 1);
    void set(storage::Time time);
    void advance(storage::Duration duration);

    // Real time until the clock shows `time`: zero when it is past, nothing when it never comes because the
    // clock is frozen.
    std::optional<std::chrono::nanoseconds> real_time_until(storage::Time time) const;

private:
    using Steady = std::chrono::steady_clock;

    storage::Time now_at(Steady::time_point moment) const;
    void restart(storage::Time time, double rate);

    mutable std::mutex mutex_;
    // At `anchor_` the clock showed `anchor_time_`; since then it has run at `rate_`.
    Steady::time_point anchor_;
    storage::Time anchor_time_;
    double rate_ = 1;
};

}  // namespace firn::time
