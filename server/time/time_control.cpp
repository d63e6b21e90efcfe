#include "server/time/time_control.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/text/timestamp.hpp"

namespace firn::time {
namespace {
using Reason = ClockError::Reason;

constexpr double rate_max = 1e6;

// Limits advance_until_idle() in case work creates new work for ever.
constexpr int idle_rounds_max = 1000;

}  // namespace

void TimeControl::freeze() {
    keeper_.change([](Clock::State& state, storage::View const&) { state.rate = 0; });
    settle();
}

void TimeControl::resume(double rate) {
    if (!(rate > 0) || rate > rate_max) {
        throw ClockError(Reason::invalid,
                         fmt::format("the rate must be more than 0 and at most {}", rate_max));
    }
    keeper_.change([&](Clock::State& state, storage::View const&) { state.rate = rate; });
    settle();
}

void TimeControl::set(storage::Time time) {
    move_by([&](storage::Time now, storage::View const& view) {
        auto const latest = time < now ? view.latest_time() : std::nullopt;
        if (latest && time < *latest) {
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
    move_by([&](storage::Time now, storage::View const&) {
        if (duration > clock_max - now)
            throw ClockError(Reason::invalid, "the clock cannot go beyond the year 9000");
        return now + duration;
    });
}

void TimeControl::advance_to_next_event() {
    settle();
    auto const next = list_events(*store_.read(), 1);
    if (next.empty()) throw ClockError(Reason::conflict, "there is no next event");
    move_forward_to(next[0].at);
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
    move_by([&](storage::Time now, storage::View const&) { return std::max(time, now); });
}

void TimeControl::move_by(Next const& next) {
    keeper_.change([&](Clock::State& state, storage::View const& view) {
        state.time = next(state.time, view);
        if (state.time < clock_min || state.time > clock_max) {
            throw ClockError(Reason::invalid, "the time must be in the years 1970 to 8999");
        }
    });
    settle();
}

void TimeControl::write(std::function<void(storage::Transaction&, storage::Time)> const& work) {
    for (;;) {
        bool is_behind = false;
        store_.write_and_wait([&](storage::Transaction& transaction) {
            auto const now = scheduler_.now();
            is_behind = store_.next_due() <= now;
            if (!is_behind) work(transaction, now);
        });
        if (!is_behind) return;
        // After a failure time stands before what is due, unless not even that is known.
        if (!scheduler_.settle() && store_.next_due() == storage::Time::min()) settle();
    }
}

std::vector<storage::Event> TimeControl::list_events(storage::View const& view, std::size_t limit) const {
    return view.list_events(scheduler_.now(), limit, first_inventory_delay_);
}

void TimeControl::settle() {
    if (!scheduler_.settle())
        throw ClockError(Reason::incomplete, "not everything that is due could be done; firn's log says why");
}

}  // namespace firn::time
