#include "server/time/clock.hpp"

#include <time.h>

#include <algorithm>

namespace firn::time {
namespace {
namespace chrono = std::chrono;

// Longer waits are cut to this: a sum with a time point must not overflow.
constexpr chrono::hours wait_max(24 * 365);

// Smaller leads of the system clock over the steady one come from rounding.
constexpr storage::Duration step_min(10);

}  // namespace

Clock::Clock(Sources sources) : sources_(std::move(sources)) {
    restart(sources_.system(), 1);
}

storage::Time Clock::real_time() {
    return chrono::floor<storage::Duration>(chrono::system_clock::now());
}

chrono::nanoseconds Clock::time_since_boot() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return chrono::seconds(time.tv_sec) + chrono::nanoseconds(time.tv_nsec);
}

storage::Time Clock::now() const {
    std::lock_guard const lock(mutex_);
    return shown();
}

storage::Time Clock::shown() const {
    chrono::duration<double, std::milli> const run = passed() * rate_;
    // Compared before the conversion, which a long run at a high rate would overflow.
    if (run >= clock_max - anchor_time_) return std::max(clock_max, anchor_time_);
    return anchor_time_ + storage::Duration(static_cast<storage::Duration::rep>(run.count()));
}

chrono::nanoseconds Clock::passed() const {
    // In this order: time that passes between the two readings does not look like a step forward.
    auto const system = sources_.system() - system_anchor_;
    auto const steady = sources_.steady() - anchor_;
    auto const lead = chrono::floor<storage::Duration>(system - steady);
    if (lead > set_forward_ + step_min) set_forward_ = lead;
    return steady + set_forward_;
}

bool Clock::is_frozen() const {
    std::lock_guard const lock(mutex_);
    return rate_ == 0;
}

Clock::State Clock::state() const {
    std::lock_guard const lock(mutex_);
    return {shown(), sources_.system(), rate_};
}

void Clock::restore(State const& state) {
    // The system clock may have been set back since; this clock goes back only when it is set.
    auto const away = std::max(sources_.system() - state.real_time, storage::Duration(0));
    auto const passed = static_cast<double>(away.count()) * state.rate;
    std::lock_guard const lock(mutex_);
    restart(state.time + storage::Duration(static_cast<storage::Duration::rep>(passed)), state.rate);
}

void Clock::restart(storage::Time time, double rate) {
    // In this order, for the same reason as in passed().
    anchor_ = sources_.steady();
    system_anchor_ = sources_.system();
    set_forward_ = storage::Duration(0);
    anchor_time_ = time;
    rate_ = rate;
}

void Clock::freeze() {
    resume(0);
}

void Clock::resume(double rate) {
    std::lock_guard const lock(mutex_);
    restart(shown(), rate);
}

void Clock::set(storage::Time time) {
    std::lock_guard const lock(mutex_);
    restart(time, rate_);
}

void Clock::advance(storage::Duration duration) {
    std::lock_guard const lock(mutex_);
    restart(shown() + duration, rate_);
}

std::optional<chrono::nanoseconds> Clock::real_time_until(storage::Time time) const {
    std::lock_guard const lock(mutex_);
    auto const now = shown();
    if (time <= now) return chrono::nanoseconds(0);
    auto const left = time - now;
    if (rate_ == 0) return std::nullopt;
    chrono::duration<double, std::milli> const real(static_cast<double>(left.count()) / rate_);
    return chrono::ceil<chrono::nanoseconds>(std::min<chrono::duration<double, std::milli>>(real, wait_max));
}

}  // namespace firn::time
