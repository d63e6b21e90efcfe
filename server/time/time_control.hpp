// Moves the clock. Every function returns when all that came due by the move is done, in order of due time.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "server/time/clock_keeper.hpp"
#include "server/time/scheduler.hpp"
#include "storage/store.hpp"

namespace firn::time {

// A move of the clock that cannot be made. what() tells people why.
class ClockError : public std::runtime_error {
public:
    enum class Reason {
        invalid,      // there is no such time or rate
        conflict,     // what is stored, or what is due, stands against it
        unknown_job,  // the job to wait for does not exist
        incomplete,   // the clock has moved, but not all that came due could be done
    };

    ClockError(Reason reason, std::string const& what) : std::runtime_error(what), reason_(reason) {}
    Reason reason() const { return reason_; }

private:
    Reason reason_;
};

// Used by one thread at a time. Every function throws ClockError.
class TimeControl {
public:
    TimeControl(Clock& clock, ClockKeeper& keeper, Scheduler& scheduler, storage::Store& store)
        : clock_(clock), keeper_(keeper), scheduler_(scheduler), store_(store) {}

    void freeze();
    // Domain seconds that pass in a real one, more than 0.
    void resume(double rate);
    // Not before anything that is stored.
    void set(storage::Time time);
    void advance(storage::Duration duration);
    void advance_to_next_event();
    // Until no job runs and no inventory is due. What finished jobs offer does not expire by that alone.
    void advance_until_idle();
    void advance_until_job_completes(std::string const& job_id);

    // Does what is due now.
    void settle();

private:
    // To where `next` says, which is told where the clock is.
    void move_by(std::function<storage::Time(storage::Time)> const& next);
    void move_forward_to(storage::Time time);

    Clock& clock_;
    ClockKeeper& keeper_;
    Scheduler& scheduler_;
    storage::Store& store_;
};

}  // namespace firn::time
