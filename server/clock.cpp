#include "server/clock.hpp"

#include <algorithm>

namespace firn {
namespace {
namespace chrono = std::chrono;

// The longest wait worth telling apart from for ever.
constexpr chrono::hours wait_max(24 * 365);

}  // namespace

Clock::Clock()
    : anchor_(Steady::now()), anchor_time_(chrono::floor<storage::Duration>(chrono::system_clock::now())) {}

storage::Time Clock::now() const {
    std::lock_guard const lock(mutex_);
    return now_at(Steady::now());
}

storage::Time Clock::now_at(Steady::time_point moment) const {
    chrono::duration<double, std::milli> const passed = moment - anchor_;
    return anchor_time_ + storage::Duration(static_cast<storage::Duration::rep>(passed.count() * rate_));
}

bool Clock::is_frozen() const {
    std::lock_guard const lock(mutex_);
    return rate_ == 0;
}

void Clock::restart(storage::Time time, double rate) {
    anchor_ = Steady::now();
    anchor_time_ = time;
    rate_ = rate;
}

void Clock::freeze() {
    resume(0);
}

void Clock::resume(double rate) {
    std::lock_guard const lock(mutex_);
    restart(now_at(Steady::now()), rate);
}

void Clock::set(storage::Time time) {
    std::lock_guard const lock(mutex_);
    restart(time, rate_);
}

void Clock::advance(storage::Duration duration) {
    std::lock_guard const lock(mutex_);
    restart(now_at(Steady::now()) + duration, rate_);
}

std::optional<chrono::nanoseconds> Clock::real_time_until(storage::Time time) const {
    std::lock_guard const lock(mutex_);
    auto const left = time - now_at(Steady::now());
    if (left <= storage::Duration(0)) return chrono::nanoseconds(0);
    if (rate_ == 0) return std::nullopt;
    chrono::duration<double, std::milli> const real(static_cast<double>(left.count()) / rate_);
    return chrono::ceil<chrono::nanoseconds>(std::min<chrono::duration<double, std::milli>>(real, wait_max));
}

}  // namespace firn
