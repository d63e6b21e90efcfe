#include "server/delayed_work.hpp"

#include <utility>

namespace firn {

void DelayedWork::run_later(std::chrono::milliseconds delay, std::function<void()> work) {
    std::lock_guard const lock(mutex_);
    auto const timer = std::make_shared<Timer>(context_, ended_ ? delay.zero() : delay);
    timers_.insert(timer);
    // A cancelled timer runs its work as well.
    timer->async_wait([this, timer, work = std::move(work)](boost::system::error_code) {
        {
            std::lock_guard const relock(mutex_);
            timers_.erase(timer);
        }
        work();
    });
}

void DelayedWork::end_delays() {
    std::lock_guard const lock(mutex_);
    ended_ = true;
    for (auto const& timer : timers_) timer->cancel();
}

}  // namespace firn
