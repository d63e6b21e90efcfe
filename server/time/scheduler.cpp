#include "server/time/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>

namespace firn::time {
namespace {

// The wait before failed work (a full disk) is tried again.
constexpr std::chrono::seconds retry_delay(1);

// The longest sleep. Timers stand still while the machine is suspended, and do not notice a system clock that
// is set forward; the clock goes on.
constexpr std::chrono::minutes sleep_max(1);

}  // namespace

Scheduler::Scheduler(Clock const& clock, Work work)
    : clock_(clock), work_(std::move(work)), next_(storage::Time::min()), thread_([this] { loop(); }) {}

Scheduler::~Scheduler() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Scheduler::expect(storage::Time due) {
    std::lock_guard const lock(mutex_);
    if (next_ && *next_ <= due) return;
    next_ = due;
    wake_.notify_one();
}

void Scheduler::settle(Settled done) {
    std::lock_guard const lock(mutex_);
    settled_.push_back(std::move(done));
    wake_.notify_one();
}

bool Scheduler::settle() {
    std::promise<bool> done;
    settle([&](storage::Time) { done.set_value(!failed_); });
    return done.get_future().get();
}

storage::Time Scheduler::now() const {
    return std::min(clock_.now(), held_at_.load());
}

void Scheduler::loop() {
    std::unique_lock lock(mutex_);
    while (!stopping_ || !settled_.empty()) {
        bool const is_due = next_ && *next_ <= clock_.now();
        if (is_due || !settled_.empty()) {
            run(lock);
        } else {
            sleep(lock);
        }
    }
}

void Scheduler::sleep(std::unique_lock<std::mutex>& lock) {
    auto const real_time = next_ ? clock_.real_time_until(*next_) : std::nullopt;
    if (real_time) {
        wake_.wait_for(lock, std::min<std::chrono::nanoseconds>(*real_time, sleep_max));
    } else {
        wake_.wait(lock);
    }
}

void Scheduler::run(std::unique_lock<std::mutex>& lock) {
    auto const settled = std::exchange(settled_, {});
    next_ = std::nullopt;
    lock.unlock();
    auto const done_until = do_work(clock_.now());
    for (auto const& done : settled) done(done_until);
    auto const next = failed_ ? storage::Time::min() : work_.next_due();
    lock.lock();
    if (failed_) wake_.wait_for(lock, retry_delay, [this] { return stopping_; });
    // expect() may have set an earlier time in the meantime.
    if (next && (!next_ || *next < *next_)) next_ = next;
}

storage::Time Scheduler::do_work(storage::Time now) {
    std::lock_guard const work_lock(work_mutex_);
    try {
        work_.run_due(now);
        failed_ = false;
        held_at_ = storage::Time::max();
        caught_up_ = true;
        return now;
    } catch (std::exception const& error) {
        spdlog::error("due work failed and will be tried again: {}", error.what());
        failed_ = true;
    }
    auto const undone = work_.next_due();
    if (undone && *undone > storage::Time::min()) held_at_ = *undone - storage::Duration(1);
    return this->now();
}

}  // namespace firn::time
