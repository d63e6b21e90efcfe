#include "server/time/scheduler.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

using firn::storage::Time;
using firn::time::Clock;
using firn::time::Scheduler;
using namespace std::chrono_literals;

namespace {

Time const start = std::chrono::sys_days(std::chrono::year(2012) / 3 / 20);

// Things to be done, each at its time, and when they were done. A scheduler that works at it.
class Agenda {
public:
    explicit Agenda(std::set<Time> due = {}, int failures = 0) : due_(std::move(due)), failures_(failures) {
        clock.freeze();
        clock.set(start);
    }

    // Not before the clock is as the test wants it.
    void begin() {
        Scheduler::Work work;
        work.run_due = [this](Time now) { run_due(now); };
        work.next_due = [this] { return next_due(); };
        scheduler_ = std::make_unique<Scheduler>(clock, std::move(work));
    }
    Scheduler& scheduler() { return *scheduler_; }

    // As a write of the store does.
    void add(Time due) {
        {
            std::lock_guard const lock(mutex_);
            due_.insert(due);
        }
        scheduler_->expect(due);
    }
    std::set<Time> done() const {
        std::lock_guard const lock(mutex_);
        return done_;
    }
    int failed_runs() const {
        std::lock_guard const lock(mutex_);
        return failed_runs_;
    }
    void fail(int runs) {
        std::lock_guard const lock(mutex_);
        failures_ = runs;
    }
    // Whether it is done within ten real seconds.
    bool wait_for(Time time) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return done_.contains(time); });
    }

    Clock clock;

private:
    void run_due(Time now) {
        std::lock_guard const lock(mutex_);
        if (failures_ > 0) {
            --failures_;
            ++failed_runs_;
            throw std::runtime_error("the disk is full");
        }
        auto const end = due_.upper_bound(now);
        done_.insert(due_.begin(), end);
        due_.erase(due_.begin(), end);
        changed_.notify_all();
    }
    std::optional<Time> next_due() const {
        std::lock_guard const lock(mutex_);
        return due_.empty() ? std::nullopt : std::optional(*due_.begin());
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::set<Time> due_;
    std::set<Time> done_;
    int failures_;
    int failed_runs_ = 0;
    std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace

TEST_CASE("what came due while nothing ran is done at the start") {
    Agenda agenda({start - 48h, start, start + 1ms});
    agenda.begin();
    CHECK(agenda.wait_for(start));
    CHECK(agenda.done() == std::set{start - 48h, start});
}

TEST_CASE("what is due later is done when its time comes") {
    Agenda agenda({start + 1h});
    agenda.clock.resume(360'000);  // an hour in ten milliseconds
    agenda.begin();
    CHECK(agenda.wait_for(start + 1h));
}

TEST_CASE("something due earlier wakes the scheduler from its sleep") {
    Agenda agenda({start + 1000h});
    agenda.clock.resume();
    agenda.begin();
    CHECK(agenda.scheduler().settle());
    auto const soon = agenda.clock.now() + 5ms;
    agenda.add(soon);
    CHECK(agenda.wait_for(soon));
    CHECK(agenda.done() == std::set{soon});
}

TEST_CASE("something due wakes a scheduler that waits for nothing") {
    Agenda agenda;
    agenda.begin();
    CHECK(agenda.scheduler().settle());
    agenda.add(start);
    CHECK(agenda.wait_for(start));
}

TEST_CASE("after the clock was moved, settle returns when all that became due is done") {
    Agenda agenda({start + 1h, start + 2h, start + 3h});
    agenda.begin();
    CHECK(agenda.scheduler().settle());
    CHECK(agenda.done().empty());
    agenda.clock.advance(2h);
    CHECK(agenda.scheduler().settle());
    CHECK(agenda.done() == std::set{start + 1h, start + 2h});
    agenda.clock.advance(1h);
    CHECK(agenda.scheduler().settle());
    CHECK(agenda.done().size() == 3);
}

TEST_CASE("a callback of settle comes after what is due is done") {
    Agenda agenda({start + 1h});
    agenda.begin();
    CHECK(agenda.scheduler().settle());
    agenda.clock.advance(1h);
    std::set<Time> done_before;
    agenda.scheduler().settle([&](Time) { done_before = agenda.done(); });
    CHECK(agenda.scheduler().settle());
    CHECK(done_before == std::set{start + 1h});
}

TEST_CASE("every one of many that settle at once is called back, also when the scheduler ends") {
    std::atomic<int> called = 0;
    {
        Agenda agenda;
        agenda.begin();
        for (int i = 0; i < 100; ++i) agenda.scheduler().settle([&](Time) { ++called; });
    }
    CHECK(called == 100);
}

TEST_CASE("work that fails is tried again, and who settles meanwhile is not kept waiting for ever") {
    Agenda agenda({start}, 1);
    agenda.begin();
    [[maybe_unused]] bool const is_done = agenda.scheduler().settle();
    CHECK(agenda.failed_runs() == 1);
    CHECK(agenda.wait_for(start));
}

TEST_CASE("settle tells whether everything that is due could be done") {
    Agenda agenda({start + 1h});
    agenda.begin();
    CHECK(agenda.scheduler().settle());
    agenda.fail(1);
    agenda.clock.advance(1h);
    CHECK_FALSE(agenda.scheduler().settle());
    CHECK(agenda.scheduler().settle());
    CHECK(agenda.done() == std::set{start + 1h});
}

TEST_CASE("a callback of settle gets the time by which everything is done") {
    Agenda agenda({start + 1h});
    agenda.begin();
    agenda.clock.advance(2h);
    Time done_until;
    agenda.scheduler().settle([&](Time time) { done_until = time; });
    CHECK(agenda.scheduler().settle());
    CHECK(done_until == start + 2h);
}

TEST_CASE("time stands before what is due and cannot be done, and goes on with it") {
    Agenda agenda({start + 1h, start + 2h});
    agenda.begin();
    CHECK(agenda.scheduler().settle());
    agenda.clock.advance(90min);
    agenda.fail(2);
    CHECK_FALSE(agenda.scheduler().settle());
    CHECK(agenda.scheduler().now() == start + 1h - 1ms);
    CHECK_FALSE(agenda.scheduler().settle());
    CHECK(agenda.scheduler().settle());
    CHECK(agenda.scheduler().now() == start + 90min);
}

TEST_CASE("the scheduler has caught up once everything that was due at the start is done") {
    Agenda agenda({start}, 1);
    agenda.begin();
    CHECK_FALSE(agenda.scheduler().settle());
    CHECK_FALSE(agenda.scheduler().is_caught_up());
    CHECK(agenda.scheduler().settle());
    CHECK(agenda.scheduler().is_caught_up());
}

TEST_CASE("something that is told while work runs is not lost") {
    Clock clock;
    std::mutex mutex;
    std::condition_variable changed;
    int runs = 0;
    Scheduler* scheduler = nullptr;
    Scheduler::Work work;
    work.run_due = [&](Time now) {
        std::lock_guard const lock(mutex);
        // A write comes between this run and the question what is next, which does not see it any more.
        if (++runs == 1) scheduler->expect(now + 5ms);
        changed.notify_all();
    };
    work.next_due = [] { return std::nullopt; };
    std::unique_lock lock(mutex);
    Scheduler running(clock, std::move(work));
    scheduler = &running;
    CHECK(changed.wait_for(lock, 10s, [&] { return runs == 2; }));
    lock.unlock();
}
