#include "server/time/clock.hpp"

#include <doctest/doctest.h>

#include <thread>

using firn::storage::Time;
using firn::time::Clock;
using namespace std::chrono_literals;

namespace {

Time const some_time = std::chrono::sys_days(std::chrono::year(2012) / 3 / 20);

// Runs `clock` for a little real time and returns how much domain time passed for a real second, at least and
// at most.
struct Pace {
    double min;
    double max;
};

Pace measure(Clock const& clock) {
    using Steady = std::chrono::steady_clock;
    using Seconds = std::chrono::duration<double>;
    auto const outer_begin = Steady::now();
    auto const begin = clock.now();
    auto const inner_begin = Steady::now();
    std::this_thread::sleep_for(20ms);
    auto const inner_end = Steady::now();
    auto const end = clock.now();
    auto const outer_end = Steady::now();
    // A reading may be cut by up to a millisecond.
    Seconds const passed = end - begin;
    return {(passed - 1ms) / Seconds(outer_end - outer_begin),
            (passed + 1ms) / Seconds(inner_end - inner_begin)};
}

// A machine whose clocks the test moves.
struct Machine {
    Clock::Sources sources() {
        return {[this] { return system; }, [this] { return steady; }};
    }
    void pass(std::chrono::milliseconds time) {
        system += time;
        steady += time;
    }

    Time system = some_time;
    std::chrono::nanoseconds steady{};
};

}  // namespace

TEST_CASE("a clock follows a system clock that is set forward") {
    Machine machine;
    Clock clock(machine.sources());
    machine.pass(1s);
    CHECK(clock.now() == some_time + 1s);
    machine.system += 8h;
    machine.pass(1s);
    CHECK(clock.now() == some_time + 8h + 2s);
    CHECK(clock.real_time_until(some_time + 9h) == 1h - 2s);
    clock.resume(60);
    machine.system += 1min;
    CHECK(clock.now() == some_time + 9h + 2s);
    clock.freeze();
    machine.system += 1h;
    CHECK(clock.now() == some_time + 9h + 2s);
}

TEST_CASE("a clock ignores that the system clock is set back, and keeps its pace") {
    Machine machine;
    Clock clock(machine.sources());
    machine.system += 1h;
    CHECK(clock.now() == some_time + 1h);
    machine.system -= 10h;
    CHECK(clock.now() == some_time + 1h);
    machine.pass(5s);
    CHECK(clock.now() == some_time + 1h + 5s);
    // It has been there already.
    machine.system += 9h;
    CHECK(clock.now() == some_time + 1h + 5s);
    machine.system += 2h;
    CHECK(clock.now() == some_time + 2h + 5s);
    clock.set(some_time);
    CHECK(clock.now() == some_time);
}

TEST_CASE("a running clock stops at the end of the years that it can show") {
    Machine machine;
    Clock clock(machine.sources());
    clock.set(firn::time::clock_max - 1h);
    clock.resume(1e6);
    machine.pass(1s);
    CHECK(clock.now() == firn::time::clock_max);
    machine.pass(std::chrono::hours(24 * 365 * 100));
    CHECK(clock.now() == firn::time::clock_max);
}

TEST_CASE("a new clock shows real time and keeps pace with it") {
    Clock const clock;
    auto const difference = std::chrono::system_clock::now() - clock.now();
    CHECK(difference < 10s);
    CHECK(difference > -10s);
    CHECK_FALSE(clock.is_frozen());
    auto const pace = measure(clock);
    CHECK(pace.min <= 1);
    CHECK(pace.max >= 1);
}

TEST_CASE("a frozen clock stands until it is moved") {
    Clock clock;
    clock.set(some_time);
    clock.freeze();
    auto const before = clock.now();
    CHECK(clock.is_frozen());
    std::this_thread::sleep_for(5ms);
    CHECK(clock.now() == before);
    clock.advance(24h);
    CHECK(clock.now() == before + 24h);
    CHECK(clock.is_frozen());
    clock.advance(-1h);
    CHECK(clock.now() == before + 23h);
    clock.set(some_time);
    CHECK(clock.now() == some_time);
}

TEST_CASE("freezing or another rate makes no jump") {
    Clock clock;
    clock.resume(3'600'000);  // an hour in a millisecond
    std::this_thread::sleep_for(5ms);
    auto const running = clock.now();
    clock.freeze();
    auto const frozen = clock.now();
    CHECK(frozen >= running);
    clock.resume(0.001);
    CHECK(clock.now() >= frozen);
    CHECK(clock.now() < frozen + 1h);
}

TEST_CASE("a clock that is resumed runs on from where it stood") {
    Clock clock;
    clock.freeze();
    clock.set(some_time);
    std::this_thread::sleep_for(5ms);
    auto const before = std::chrono::steady_clock::now();
    clock.resume();
    CHECK_FALSE(clock.is_frozen());
    auto const shown = clock.now();
    CHECK(shown >= some_time);
    CHECK(shown - some_time <= std::chrono::steady_clock::now() - before);
}

TEST_CASE("a clock runs at the rate that it is given, also after it was moved") {
    Clock clock;
    clock.resume(3600);
    auto pace = measure(clock);
    CHECK(pace.min <= 3600);
    CHECK(pace.max >= 3600);
    clock.set(some_time);
    clock.advance(1h);
    CHECK(clock.now() >= some_time + 1h);
    pace = measure(clock);
    CHECK(pace.min <= 3600);
    CHECK(pace.max >= 3600);
}

TEST_CASE("a running clock moves by what it is advanced") {
    Clock clock;
    auto const before = clock.now();
    clock.advance(48h);
    CHECK(clock.now() >= before + 48h);
    CHECK(clock.now() < before + 49h);
}

TEST_CASE("the real time until a moment follows the rate") {
    Clock clock;
    clock.set(some_time);
    clock.resume(3600);
    auto const wait = clock.real_time_until(some_time + 100h);
    REQUIRE(wait);
    CHECK(*wait <= 100s);
    CHECK(*wait > 50s);
    std::this_thread::sleep_for(*clock.real_time_until(clock.now() + 10s));
    CHECK(clock.real_time_until(some_time + 10s) == 0ns);
}

TEST_CASE("a wait as long as real_time_until says is enough") {
    Clock clock;
    for (double const rate : {0.5, 1.0, 7.3, 1000.0}) {
        CAPTURE(rate);
        clock.resume(rate);
        auto const time = clock.now() + 2ms;
        std::this_thread::sleep_for(*clock.real_time_until(time) + 1us);
        CHECK(clock.now() >= time);
    }
}

TEST_CASE("what has come needs no wait, and what a frozen clock will never show has none") {
    Clock clock;
    clock.freeze();
    clock.set(some_time);
    CHECK(clock.real_time_until(some_time) == 0ns);
    CHECK(clock.real_time_until(some_time - 1h) == 0ns);
    CHECK_FALSE(clock.real_time_until(some_time + 1ms));
}

TEST_CASE("a moment at the end of time is a long wait, not one that overflows") {
    Clock clock;
    clock.resume(0.001);
    CHECK(*clock.real_time_until(Time::max()) > 24h);
    // Can be waited for: what is added to the steady clock must still fit.
    CHECK(std::chrono::steady_clock::now() + *clock.real_time_until(Time::max()) >
          std::chrono::steady_clock::now());
}
