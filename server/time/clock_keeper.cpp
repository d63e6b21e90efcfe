#include "server/time/clock_keeper.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <future>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "server/text/timestamp.hpp"

namespace firn::time {
namespace {

using storage::Duration;
using storage::Time;

constexpr char setting_name[] = "clock";

// "TIME REAL_TIME RATE", times in milliseconds since 1970.
std::string text_of(Clock::State const& state) {
    return fmt::format("{} {} {}", state.time.time_since_epoch().count(),
                       state.real_time.time_since_epoch().count(), state.rate);
}

std::optional<Clock::State> kept_state(storage::Store& store) {
    auto const text = store.read()->setting(setting_name);
    if (!text) return std::nullopt;
    std::istringstream words(*text);
    words.imbue(std::locale::classic());
    Duration::rep time = 0;
    Duration::rep real_time = 0;
    double rate = 0;
    if (!(words >> time >> real_time >> rate))
        throw std::runtime_error("the clock in the database cannot be read");
    return Clock::State{Time(Duration(time)), Time(Duration(real_time)), rate};
}

}  // namespace

ClockKeeper::ClockKeeper(Clock& clock, storage::Store& store, std::string const& initial)
    : clock_(clock), store_(store), initial_(initial) {
    if (auto const kept = kept_state(store)) {
        clock_.restore(*kept);
        bool const is_asked_for =
            initial_ == "real" ||
            (kept->rate == 0 && text::parse_time(initial_).value_or(kept->time) == kept->time);
        if (!is_asked_for) {
            spdlog::warn("--clock {} is ignored: the data directory keeps its own clock; firn clock moves it",
                         initial_);
        }
        return;
    }
    if (initial_ == "real") return;
    auto const time = text::parse_time(initial_).value_or(clock_.now());
    if (store.read()->latest_time().value_or(time) > time) {
        throw std::runtime_error("the clock cannot start at " + initial_ +
                                 ": the data directory contains later times");
    }
    change([&](Clock::State& state, storage::View const&) { state = {time, Clock::real_time(), 0}; });
}

void ClockKeeper::change(Change const& how) {
    Clock::State before;
    bool changed = false;
    std::promise<void> stored;
    auto const work = [&](storage::Transaction& transaction) {
        before = clock_.state();
        auto after = before;
        how(after, transaction);
        transaction.set_setting(setting_name, text_of(after));
        // Now, so that later pieces of the same commit get the new time.
        clock_.restore(after);
        changed = true;
    };
    auto const done = [&](std::exception_ptr error) {
        // Before the next commit, whose pieces get the old time again.
        if (error && changed) clock_.restore(before);
        error ? stored.set_exception(error) : stored.set_value();
    };
    store_.write(work, done);
    stored.get_future().get();
}

storage::Time ClockKeeper::keep() {
    storage::Time kept;
    change([&](Clock::State& state, storage::View const&) { kept = state.time; });
    return kept;
}

void ClockKeeper::show_kept() {
    auto const kept = kept_state(store_);
    if (kept) clock_.restore({kept->time, Clock::real_time(), kept->rate});
}

storage::Time ClockKeeper::initial_time() const {
    return text::parse_time(initial_).value_or(Clock::real_time());
}

void ClockKeeper::show_initial() {
    clock_.restore({initial_time(), Clock::real_time(), initial_ == "real" ? 1.0 : 0.0});
}

void ClockKeeper::keep_initial() {
    if (initial_ != "real") keep();
}

}  // namespace firn::time
