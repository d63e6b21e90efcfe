// The deadline of one connection: one timer for idle, head, body and write timeouts. Every read and write
// moves the deadline, nearly always to a later time. That only stores the new time; the timer compares when
// it fires.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "server/http/net.hpp"

namespace firn::http {

// All calls must be on the connection's strand.
class Deadline {
public:
    // `on_expired` runs on the strand when a deadline passes.
    Deadline(Executor const& executor, std::function<void()> on_expired);

    // Must be called before the first set(). `owner` is the object that this one is part of: a timer that
    // fires after its end does nothing.
    void watch(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

    void set(SteadyClock::time_point when);
    void set_after(SteadyClock::duration wait) { set(SteadyClock::now() + wait); }
    // From now on there is no deadline.
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
    std::uint64_t generation_ = 0;  // of the current wait; the end of an older wait is ignored
    bool expired_ = false;
};

}  // namespace firn::http
