// The timer behind everything that happens by itself: sleeps until the earliest due time, then has all that
// is due done.
#pragma once

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
        std::function<void(storage::Time now)> run_due;          // does all that is due at `now`
        std::function<std::optional<storage::Time>()> next_due;  // when the next thing is due
    };

    // Starts at once, with what came due while nothing ran.
    Scheduler(Clock const& clock, Work work);
    ~Scheduler();

    // Something was written that is due at that time.
    void expect(storage::Time due);
    // Calls back, on the scheduler's thread, when all that is due at this moment is done. To be called as
    // well after the clock was moved.
    void settle(std::function<void()> done);
    // The same, waiting. False when something could not be done.
    bool settle();

    // No due work runs while the lock is held; waits for the work that does.
    [[nodiscard]] std::unique_lock<std::mutex> pause() { return std::unique_lock(work_mutex_); }

private:
    void loop();
    void sleep(std::unique_lock<std::mutex>& lock);
    void run(std::unique_lock<std::mutex>& lock);

    Clock const& clock_;
    Work const work_;
    std::mutex work_mutex_;  // held while work runs
    std::mutex mutex_;
    std::condition_variable wake_;
    std::optional<storage::Time> next_;
    std::vector<std::function<void()>> settled_;
    bool stopping_ = false;
    bool failed_ = false;  // in the last run; only for the scheduler's thread
    std::thread thread_;
};

}  // namespace firn::time
