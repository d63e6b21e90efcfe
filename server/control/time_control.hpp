// Moves the clock. Every function returns when all that came due by the move is done, in order of due time.
#pragma once

#include <functional>
#include <string>

#include "server/clock_keeper.hpp"
#include "server/scheduler.hpp"
#include "storage/store.hpp"

namespace firn::control {

// Used by one thread at a time. Throws Refusal for a move that cannot be made.
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

}  // namespace firn::control
