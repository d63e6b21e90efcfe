#include "server/http/deadline.hpp"

#include <utility>

namespace firn::http {

Deadline::Deadline(Executor const& executor, std::function<void()> on_expired)
    : timer_(executor), on_expired_(std::move(on_expired)) {}

void Deadline::set(SteadyClock::time_point when) {
    deadline_ = when;
    expired_ = false;
    if (when < armed_for_) arm(when);
}

void Deadline::clear() {
    deadline_ = SteadyClock::time_point::max();
    expired_ = false;
}

void Deadline::arm(SteadyClock::time_point when) {
    armed_for_ = when;
    auto const generation = ++generation_;
    timer_.expires_at(when);
    timer_.async_wait([this, owner = owner_, generation](error_code) {
        if (auto const alive = owner.lock()) fired(generation);
    });
}

void Deadline::fired(std::uint64_t generation) {
    if (generation != generation_) return;
    armed_for_ = SteadyClock::time_point::max();
    if (deadline_ == SteadyClock::time_point::max()) return;
    if (SteadyClock::now() < deadline_) return arm(deadline_);
    deadline_ = SteadyClock::time_point::max();
    expired_ = true;
    on_expired_();
}

}  // namespace firn::http
