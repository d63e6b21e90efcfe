// Runs due work on a thread of its own: sleeps until the earliest due time, then does everything that is due.
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
        std::function<void(storage::Time now)> run_due;          // does everything that is due at `now`
        std::function<std::optional<storage::Time>()> next_due;  // the earliest due time; nothing when idle
    };

    // Starts at once with everything that came due while no scheduler ran.
    Scheduler(Clock const& clock, Work work);
    ~Scheduler();

    // To be called when something has been stored that is due at `due`.
    void expect(storage::Time due);
    // Does everything that is due now, then calls `done` on the scheduler's thread, also when something could
    // not be done. To be called after the clock has been moved, too: the scheduler does not see that by
    // itself.
    void settle(std::function<void()> done);
    // The same, but waits. Returns false when something could not be done.
    [[nodiscard]] bool settle();

    // Waits for due work that runs; no other due work starts while the lock is held.
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
    bool failed_ = false;  // whether the last run failed; used only by the scheduler's thread
    std::thread thread_;
};

}  // namespace firn::time
