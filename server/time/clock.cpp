#include "server/time/clock.hpp"

#include <algorithm>

namespace firn::time {
namespace {
namespace chrono = std::chrono;

// Longer waits are cut to this: a sum with the steady clock must not overflow.
constexpr chrono::hours wait_max(24 * 365);

}  // namespace

Clock::Clock() : anchor_(Steady::now()), anchor_time_(real_time()) {}

storage::Time Clock::real_time() {
    return chrono::floor<storage::Duration>(chrono::system_clock::now());
}

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

Clock::State Clock::state() const {
    std::lock_guard const lock(mutex_);
    return {now_at(Steady::now()), real_time(), rate_};
}

Clock::State Clock::halt() {
    std::lock_guard const lock(mutex_);
    State const state{now_at(Steady::now()), real_time(), rate_};
    restart(state.time, 0);
    return state;
}

void Clock::restore(State const& state) {
    // The system clock may have been set back since; this clock goes back only when it is set.
    auto const away = std::max(real_time() - state.real_time, storage::Duration(0));
    auto const passed = static_cast<double>(away.count()) * state.rate;
    std::lock_guard const lock(mutex_);
    restart(state.time + storage::Duration(static_cast<storage::Duration::rep>(passed)), state.rate);
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
    auto const now = now_at(Steady::now());
    if (time <= now) return chrono::nanoseconds(0);
    auto const left = time - now;
    if (rate_ == 0) return std::nullopt;
    chrono::duration<double, std::milli> const real(static_cast<double>(left.count()) / rate_);
    return chrono::ceil<chrono::nanoseconds>(std::min<chrono::duration<double, std::milli>>(real, wait_max));
}

}  // namespace firn::time
