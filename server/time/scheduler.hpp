// Runs due work on a thread of its own: sleeps until the earliest due time, then does everything that is due.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/time/clock.hpp"

namespace firn::time {

class Scheduler {
public:
    struct Work {
        // Does everything that is due at `now`, or throws.
        std::function<void(storage::Time now)> run_due;
        // The earliest due time, Time::min() when it is not known; nothing when idle. Throws nothing.
        std::function<std::optional<storage::Time>()> next_due;
    };
    // Gets the time by which everything is done that was due.
    using Settled = std::function<void(storage::Time)>;

    // Starts at once with everything that came due while no scheduler ran.
    Scheduler(Clock const& clock, Work work);
    ~Scheduler();

    // To be called when something has been stored that is due at `due`.
    void expect(storage::Time due);
    // Does everything that is due now, then calls `done` on the scheduler's thread, also when something could
    // not be done. To be called after the clock has been moved, too: the scheduler does not see that by
    // itself.
    void settle(Settled done);
    // The same, but waits. Returns false when something could not be done.
    [[nodiscard]] bool settle();

    // The time that belongs to the stored data: that of the clock, but while something that is due
    // cannot be done (a full disk), the last moment before it. So nobody sees a state that lags behind its
    // time.
    storage::Time now() const;
    // Whether everything that was due at the start is done.
    bool is_caught_up() const { return caught_up_; }

    // Waits for due work that runs; no other due work starts while the lock is held.
    [[nodiscard]] std::unique_lock<std::mutex> pause() { return std::unique_lock(work_mutex_); }

private:
    void loop();
    void sleep(std::unique_lock<std::mutex>& lock);
    void run(std::unique_lock<std::mutex>& lock);
    // Does everything that is due at `now`; returns the time by which everything is done.
    storage::Time do_work(storage::Time now);

    Clock const& clock_;
    Work const work_;
    std::mutex work_mutex_;  // held while work runs
    std::mutex mutex_;
    std::condition_variable wake_;
    std::optional<storage::Time> next_;
    std::vector<Settled> settled_;
    bool stopping_ = false;
    bool failed_ = false;  // whether the last run failed; used only by the scheduler's thread
    std::atomic<bool> caught_up_ = false;
    std::atomic<storage::Time> held_at_ = storage::Time::max();  // where time stands for now(), if it does
    std::thread thread_;
};

}  // namespace firn::time
