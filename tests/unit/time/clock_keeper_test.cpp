#include "server/time/clock_keeper.hpp"

#include <doctest/doctest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "tests/support/temporary_directory.hpp"

using firn::storage::DataDirectory;
using firn::storage::Store;
using firn::storage::Time;
using firn::storage::View;
using firn::time::Clock;
using firn::time::ClockKeeper;
using namespace std::chrono_literals;

namespace {

Time const some_time = std::chrono::sys_days(std::chrono::year(2012) / 3 / 20);

// A store that can be closed and opened again, with a clock that belongs to it.
struct Run {
    explicit Run(firn::test::TemporaryDirectory const& directory, std::string const& initial = "real")
        : store(DataDirectory::at(directory.path())), keeper(clock, store, initial) {}

    void set(Clock::State const& state) {
        keeper.change([&](Clock::State& changed, View const&) { changed = state; });
    }

    Clock clock;
    Store store;
    ClockKeeper keeper;
};

}  // namespace

TEST_CASE("a clock that was never moved follows real time, also after a restart") {
    firn::test::TemporaryDirectory const directory;
    { Run run(directory); }
    Run const run(directory, "2012-03-20T00:00:00Z");  // of a new data directory: this one is
    CHECK(run.clock.now() == some_time);
    CHECK(run.clock.is_frozen());
}

TEST_CASE("a frozen clock stands through a restart") {
    firn::test::TemporaryDirectory const directory;
    {
        Run run(directory);
        run.set({some_time, Clock::real_time(), 0});
    }
    Run const run(directory, "frozen");
    CHECK(run.clock.now() == some_time);
}

TEST_CASE("a clock that runs has run on meanwhile, at its rate") {
    firn::test::TemporaryDirectory const directory;
    {
        Run run(directory);
        run.set({some_time, Clock::real_time() - 10s, 3600});
        CHECK(run.clock.now() >= some_time + 10h);
        CHECK(run.clock.now() < some_time + 100h);
    }
    Run const run(directory);
    CHECK(run.clock.now() >= some_time + 10h);
    CHECK(run.clock.state().rate == 3600);
}

TEST_CASE("a clock never runs back, though real time was set back") {
    Clock clock;
    clock.restore({some_time, Clock::real_time() + 1h, 1});
    CHECK(clock.now() >= some_time);
}

TEST_CASE("a restored state goes on from the time that it was saved at") {
    firn::test::TemporaryDirectory const directory;
    Run run(directory);
    run.set({some_time, Clock::real_time() - 100h, 1});
    run.keeper.show_kept();
    run.keeper.keep();
    CHECK(run.clock.now() >= some_time);
    CHECK(run.clock.now() < some_time + 1h);
}

TEST_CASE("a change begins with the time shown, and leaves the clock as it was when it fails") {
    firn::test::TemporaryDirectory const directory;
    Run run(directory);
    run.set({some_time, Clock::real_time(), 1e6});
    auto const before = run.clock.now();
    run.keeper.change([&](Clock::State& state, View const&) {
        CHECK(state.rate == 1e6);
        CHECK(state.time >= before);
        state.rate = 0;
    });
    auto const stopped = run.clock.now();
    CHECK(stopped >= before);
    auto const refuse = [](Clock::State&, View const&) { throw std::runtime_error("no"); };
    CHECK_THROWS_AS(run.keeper.change(refuse), std::runtime_error);
    CHECK(run.clock.now() == stopped);
}

TEST_CASE(
    "what is written in the same commit has the old time before a change of the clock, and the new one after "
    "it") {
    firn::test::TemporaryDirectory const directory;
    Run run(directory);
    run.set({some_time + 24h, Clock::real_time(), 0});
    Time before;
    Time seen_by_change;
    Time after;
    auto const none = [](std::exception_ptr const&) {};
    {
        // The pieces of one commit: the writer begins with them together.
        std::promise<void> begun;
        std::promise<void> go;
        auto const wait = [&](auto&) {
            begun.set_value();
            go.get_future().wait();
        };
        run.store.write(wait, none);
        begun.get_future().wait();
        run.store.write([&](auto&) { before = run.clock.now(); }, none);
        std::thread change([&] {
            run.keeper.change([&](Clock::State& state, View const&) {
                seen_by_change = state.time;
                state.time = some_time;
            });
        });
        while (run.store.writer_figures().queue_length < 2) std::this_thread::yield();
        run.store.write([&](auto&) { after = run.clock.now(); }, none);
        go.set_value();
        change.join();
    }
    run.store.write_and_wait([](auto&) {});
    CHECK(before == some_time + 24h);
    CHECK(seen_by_change == some_time + 24h);
    CHECK(after == some_time);
}

TEST_CASE("an emptied store begins with the clock of a new one") {
    firn::test::TemporaryDirectory const directory;
    Run run(directory, "2012-03-20T00:00:00Z");
    run.set({some_time + 100h, Clock::real_time(), 1});
    run.store.reset({.switched = [&] { run.keeper.show_initial(); }});
    run.keeper.keep_initial();
    CHECK(run.clock.now() == some_time);
    CHECK(run.clock.is_frozen());
}

TEST_CASE("a clock does not start before what is stored") {
    firn::test::TemporaryDirectory const directory;
    {
        Run run(directory);
        run.store.write_and_wait([](firn::storage::Transaction& transaction) {
            firn::storage::Vault vault;
            vault.vault_pk = transaction.next_number();
            vault.name = "photos";
            vault.created_at = some_time + 1h;
            transaction.create_vault(vault);
        });
    }
    CHECK_THROWS_AS(Run(directory, "2012-03-20T00:59:59Z"), std::runtime_error);
    CHECK(Run(directory, "2012-03-20T01:00:00Z").clock.now() == some_time + 1h);
}
