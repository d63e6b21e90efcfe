#include "server/time/clock_keeper.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/support/temporary_directory.hpp"

using firn::storage::DataDirectory;
using firn::storage::Store;
using firn::storage::Time;
using firn::time::Clock;
using firn::time::ClockKeeper;
using namespace std::chrono_literals;

namespace {

Time const some_time = std::chrono::sys_days(std::chrono::year(2012) / 3 / 20);

// A store that can be closed and opened again, with a clock that belongs to it.
struct Run {
    explicit Run(firn::test::TemporaryDirectory const& directory, std::string const& initial = "real")
        : store(DataDirectory::at(directory.path())), keeper(clock, store, initial) {}

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
        run.keeper.change({some_time, Clock::real_time(), 0});
    }
    Run const run(directory, "frozen");
    CHECK(run.clock.now() == some_time);
}

TEST_CASE("a clock that runs has run on meanwhile, at its rate") {
    firn::test::TemporaryDirectory const directory;
    {
        Run run(directory);
        run.keeper.change({some_time, Clock::real_time() - 10s, 3600});
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
    run.keeper.change({some_time, Clock::real_time() - 100h, 1});
    run.keeper.show_kept();
    run.keeper.keep();
    CHECK(run.clock.now() >= some_time);
    CHECK(run.clock.now() < some_time + 1h);
}

TEST_CASE("a clock stands while its change is kept, and stays as it was when that fails") {
    firn::test::TemporaryDirectory const directory;
    Run run(directory);
    run.keeper.change({some_time, Clock::real_time(), 1e6});
    auto const before = run.clock.now();
    run.keeper.adjust([&](Clock::State& state) {
        CHECK(run.clock.is_frozen());
        CHECK(state.rate == 1e6);
        CHECK(state.time >= before);
        state.rate = 0;
    });
    auto const stopped = run.clock.now();
    CHECK(stopped >= before);
    CHECK_THROWS_AS(run.keeper.adjust([](Clock::State&) { throw std::runtime_error("no"); }),
                    std::runtime_error);
    CHECK(run.clock.now() == stopped);
}

TEST_CASE("an emptied store begins with the clock of a new one") {
    firn::test::TemporaryDirectory const directory;
    Run run(directory, "2012-03-20T00:00:00Z");
    run.keeper.change({some_time + 100h, Clock::real_time(), 1});
    run.store.reset({}, [&] { run.keeper.show_initial(); });
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
