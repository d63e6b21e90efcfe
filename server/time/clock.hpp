// The clock of everything that firn stores and does: "domain time". It follows real time by default, and can
// be frozen, moved and run at another rate. Socket timeouts use real time instead.
//
// Real time is the system clock. When that is set forward, the clock goes on by the same step. When it is set
// back, the clock goes on from where it is, ahead of the system clock: time never runs back by itself. While
// the machine is suspended, time passes.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "storage/time.hpp"

namespace firn::time {

// The clock shows the years 1970 to 8999, because timestamps have four digits for the year. A running clock
// stops at the end of them.
inline storage::Time const clock_min = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
inline storage::Time const clock_max = std::chrono::sys_days(std::chrono::year(9000) / 1 / 1);

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

    // The clocks of the machine; other ones for tests.
    struct Sources {
        std::function<storage::Time()> system = real_time;
        std::function<std::chrono::nanoseconds()> steady = time_since_boot;  // nobody can set it
    };

    // A new clock shows real time.
    explicit Clock(Sources sources);
    Clock() : Clock(Sources{}) {}

    storage::Time now() const;
    bool is_frozen() const;
    State state() const;
    // Continues from `state`: a running clock also advances by the real time that has passed since.
    void restore(State const& state);
    static storage::Time real_time();
    // Includes the time for which the machine was suspended.
    static std::chrono::nanoseconds time_since_boot();

    void freeze();
    // Runs from the time shown now, `rate` domain seconds for each real second.
    void resume(double rate = 1);
    void set(storage::Time time);
    void advance(storage::Duration duration);

    // Real time until the clock shows `time`: zero when it is past, nothing when it never comes because the
    // clock is frozen.
    std::optional<std::chrono::nanoseconds> real_time_until(storage::Time time) const;

private:
    storage::Time shown() const;
    std::chrono::nanoseconds passed() const;
    void restart(storage::Time time, double rate);

    Sources const sources_;
    mutable std::mutex mutex_;
    // At `anchor_` and `system_anchor_` the clock showed `anchor_time_`; since then it has run at `rate_`.
    std::chrono::nanoseconds anchor_{};
    storage::Time system_anchor_;
    storage::Time anchor_time_;
    double rate_ = 1;
    // The steps by which the system clock was set forward since then.
    mutable storage::Duration set_forward_{0};
};

}  // namespace firn::time
