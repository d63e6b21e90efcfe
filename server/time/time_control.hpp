// Moves the clock, and writes for the control surface. Every function that moves the clock returns when
// everything that came due is done, in order of due time.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/time/clock_keeper.hpp"
#include "server/time/scheduler.hpp"
#include "storage/store.hpp"

namespace firn::time {

// Thrown when the clock cannot be moved as asked. what() tells people why.
class ClockError : public std::runtime_error {
public:
    enum class Reason {
        invalid,      // the time or rate is out of range
        conflict,     // the stored data or the due work do not allow it
        unknown_job,  // the job to wait for does not exist
        incomplete,   // the clock has moved, but something that came due could not be done
    };

    ClockError(Reason reason, std::string const& what) : std::runtime_error(what), reason_(reason) {}
    Reason reason() const { return reason_; }

private:
    Reason reason_;
};

// For one thread at a time. Every function throws ClockError.
class TimeControl {
public:
    // `first_inventory_delay`: see storage::View::list_events().
    TimeControl(ClockKeeper& keeper, Scheduler& scheduler, storage::Store& store,
                std::optional<storage::Duration> first_inventory_delay)
        : keeper_(keeper),
          scheduler_(scheduler),
          store_(store),
          first_inventory_delay_(first_inventory_delay) {}

    void freeze();
    // `rate`: domain seconds for each real second, more than 0.
    void resume(double rate);
    // The clock cannot go back behind anything that is stored.
    void set(storage::Time time);
    void advance(storage::Duration duration);
    void advance_to_next_event();
    // Advances until no job runs and no inventory is due. It does not wait for job outputs to expire.
    void advance_until_idle();
    void advance_until_job_completes(std::string const& job_id);

    // Does everything that is due now.
    void settle();
    // Writes in a state in which everything is done that was due by `now`: the rule of time of
    // glacier::Execution::take_time(), for whoever may wait. Also throws what the work and the store throw.
    void write(std::function<void(storage::Transaction&, storage::Time now)> const& work);
    // What will happen from now on, in order of time.
    std::vector<storage::Event> list_events(storage::View const& view, std::size_t limit) const;

private:
    // Maps the current time to the new one.
    using Next = std::function<storage::Time(storage::Time, storage::View const&)>;

    void move_by(Next const& next);
    void move_forward_to(storage::Time time);

    ClockKeeper& keeper_;
    Scheduler& scheduler_;
    storage::Store& store_;
    std::optional<storage::Duration> const first_inventory_delay_;
};

}  // namespace firn::time
