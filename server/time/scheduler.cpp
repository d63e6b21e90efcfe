#include "server/time/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>

namespace firn::time {
namespace {

// The wait before failed work (a full disk) is tried again.
constexpr std::chrono::seconds retry_delay(1);

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

void Scheduler::settle(std::function<void()> done) {
    std::lock_guard const lock(mutex_);
    settled_.push_back(std::move(done));
    wake_.notify_one();
}

bool Scheduler::settle() {
    std::promise<bool> done;
    settle([&] { done.set_value(!failed_); });
    return done.get_future().get();
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
        wake_.wait_for(lock, *real_time);
    } else {
        wake_.wait(lock);
    }
}

void Scheduler::run(std::unique_lock<std::mutex>& lock) {
    auto const settled = std::exchange(settled_, {});
    next_ = std::nullopt;
    lock.unlock();
    std::optional<storage::Time> next;
    failed_ = false;
    try {
        std::lock_guard const work_lock(work_mutex_);
        work_.run_due(clock_.now());
        next = work_.next_due();
    } catch (std::exception const& error) {
        spdlog::error("due work failed and will be tried again: {}", error.what());
        failed_ = true;
    }
    for (auto const& done : settled) done();
    lock.lock();
    if (failed_) {
        wake_.wait_for(lock, retry_delay, [this] { return stopping_; });
        next = storage::Time::min();
    }
    // expect() may have set an earlier time in the meantime.
    if (next && (!next_ || *next < *next_)) next_ = next;
}

}  // namespace firn::time
