// The only source of domain time. Follows real time by default; can be frozen, moved and run at another rate.
// Socket time-outs do not follow it.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "storage/time.hpp"

namespace firn::time {

// All functions may be called from any thread.
class Clock {
public:
    // What a clock needs to go on in another process: at a moment of real time it showed this time, and runs
    // at this rate.
    struct State {
        storage::Time time;
        storage::Time real_time;
        double rate = 1;  // domain seconds that pass in a real one; 0: frozen
    };

    // Shows real time.
    Clock();

    storage::Time now() const;
    bool is_frozen() const;
    State state() const;
    // Stops it; the state is that of the moment before, with the rate that it had.
    State halt();
    // A clock that runs has gone on since, at its rate.
    void restore(State const& state);
    static storage::Time real_time();

    void freeze();
    // Runs on from the present moment; `rate` domain seconds pass in a real one.
    void resume(double rate = 1);
    void set(storage::Time time);
    void advance(storage::Duration duration);

    // Real time until the clock shows `time`: zero when that has come, nothing when it will not come
    // (frozen).
    std::optional<std::chrono::nanoseconds> real_time_until(storage::Time time) const;

private:
    using Steady = std::chrono::steady_clock;

    storage::Time now_at(Steady::time_point moment) const;
    void restart(storage::Time time, double rate);

    mutable std::mutex mutex_;
    // At this real moment the clock showed this time, and has run at this rate since.
    Steady::time_point anchor_;
    storage::Time anchor_time_;
    double rate_ = 1;
};

}  // namespace firn::time
