#include "server/time/time_control.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/text/timestamp.hpp"

namespace firn::time {
namespace {
namespace chrono = std::chrono;
using Reason = ClockError::Reason;

// Timestamps have four digits for the year.
storage::Time const time_min = chrono::sys_days(chrono::year(1970) / 1 / 1);
storage::Time const time_max = chrono::sys_days(chrono::year(9000) / 1 / 1);

constexpr double rate_max = 1e6;

// Limits advance_until_idle() in case work creates new work for ever.
constexpr int idle_rounds_max = 1000;

}  // namespace

void TimeControl::freeze() {
    keeper_.adjust([](Clock::State& state) { state.rate = 0; });
    settle();
}

void TimeControl::resume(double rate) {
    if (!(rate > 0) || rate > rate_max) {
        throw ClockError(Reason::invalid,
                         fmt::format("the rate must be more than 0 and at most {}", rate_max));
    }
    keeper_.adjust([&](Clock::State& state) { state.rate = rate; });
    settle();
}

void TimeControl::set(storage::Time time) {
    move_by([&](storage::Time now) {
        auto const latest = store_.read()->latest_time();
        if (time < now && latest && time < *latest) {
            throw ClockError(
                Reason::conflict,
                fmt::format(
                    "the clock cannot go back behind {}, the latest time in the stored data; reset firn "
                    "or restore a snapshot instead",
                    text::format_milliseconds(*latest)));
        }
        return time;
    });
}

void TimeControl::advance(storage::Duration duration) {
    move_by([&](storage::Time now) {
        if (duration > time_max - now)
            throw ClockError(Reason::invalid, "the clock cannot go beyond the year 9000");
        return now + duration;
    });
}

void TimeControl::advance_to_next_event() {
    auto const next = store_.read()->next_due();
    if (!next) throw ClockError(Reason::conflict, "there is no next event");
    move_forward_to(*next);
}

void TimeControl::advance_until_idle() {
    settle();
    for (int round = 0; round < idle_rounds_max; ++round) {
        auto const last = store_.read()->last_pending();
        if (!last) return;
        move_forward_to(*last);
    }
    throw ClockError(Reason::conflict, "firn does not become idle: due work keeps creating new work");
}

void TimeControl::advance_until_job_completes(std::string const& job_id) {
    auto const job = store_.read()->find_job(job_id);
    if (!job) throw ClockError(Reason::unknown_job, "there is no job " + job_id);
    if (job->status == storage::JobStatus::in_progress) move_forward_to(job->due_at);
}

void TimeControl::move_forward_to(storage::Time time) {
    move_by([&](storage::Time now) { return std::max(time, now); });
}

void TimeControl::move_by(std::function<storage::Time(storage::Time)> const& next) {
    keeper_.adjust([&](Clock::State& state) {
        state.time = next(state.time);
        if (state.time < time_min || state.time > time_max) {
            throw ClockError(Reason::invalid, "the time must be in the years 1970 to 9000");
        }
    });
    settle();
}

void TimeControl::settle() {
    if (!scheduler_.settle())
        throw ClockError(Reason::incomplete, "not everything that is due could be done; firn's log says why");
}

}  // namespace firn::time
