// The watchdog of one connection: one timer for idle, head, body and write time-outs. Deadlines move with
// every read and write, but nearly always to a later time; then moving one is a store, and the timer looks
// again when it fires.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "server/http/net.hpp"

namespace firn::http {

// All calls on the connection's strand.
class Deadline {
public:
    // `on_expired` runs on the strand when a deadline passes.
    Deadline(Executor const& executor, std::function<void()> on_expired);

    // Must come before the first set(): the object that this one is part of, so that a timer that fires late
    // does nothing when the connection is gone.
    void watch(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

    void set(SteadyClock::time_point when);
    void set_after(SteadyClock::duration wait) { set(SteadyClock::now() + wait); }
    // Nothing is waited for.
    void clear();
    // Whether the deadline set last has passed.
    bool expired() const { return expired_; }

private:
    void arm(SteadyClock::time_point when);
    void fired(std::uint64_t generation);

    Timer timer_;
    std::function<void()> on_expired_;
    std::weak_ptr<void> owner_;
    SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
    SteadyClock::time_point armed_for_ = SteadyClock::time_point::max();
    std::uint64_t generation_ = 0;  // of the wait under way; an older one that still comes in is ignored
    bool expired_ = false;
};

}  // namespace firn::http
