#include "server/time/time_control.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;
using firn::time::Clock;
using firn::time::ClockKeeper;
using firn::time::Scheduler;
using firn::time::TimeControl;

namespace {

// A store whose scheduler takes the inventories that are due. Nobody tells the scheduler what a write makes
// due, and that the clock has moved.
struct World {
    World() {
        clock.freeze();
        clock.set(at(0));
    }

    void take_inventories(Time now) {
        store->write_and_wait([&](Transaction& transaction) {
            for (auto const& due : transaction.list_due(now, 100)) transaction.take_inventory(due.pk, due.at);
            transaction.renew_next_due();
        });
    }
    std::optional<Time> next_due() {
        auto const due = store->next_due();
        return due == Time::max() ? std::nullopt : std::optional(due);
    }

    Clock clock;
    SampleStore store;
    ClockKeeper keeper{clock, *store.operator->(), "real"};
    Scheduler scheduler{
        clock,
        {.run_due = [this](Time now) { take_inventories(now); }, .next_due = [this] { return next_due(); }}};
    TimeControl control{keeper, scheduler, *store.operator->(), std::nullopt};
};

}  // namespace

TEST_CASE("a write of the control surface meets no state whose due time is behind the clock") {
    World world;
    CHECK(world.scheduler.settle());
    auto const vault = world.store.add_vault("v").vault_pk;
    world.store.add_archive(vault, "x", 0, at(10));
    world.clock.set(at(20));
    std::optional<Inventory> seen;
    Time seen_at;
    world.control.write([&](Transaction& transaction, Time now) {
        seen = transaction.vault(vault)->inventory;
        seen_at = now;
    });
    CHECK(seen_at == at(20));
    REQUIRE(seen);
    CHECK(seen->at == at(10));
}

TEST_CASE("a write of the control surface is undone when its work throws") {
    World world;
    auto const vault = world.store.add_vault("v").vault_pk;
    CHECK_THROWS_AS(world.control.write([&](Transaction& transaction, Time) {
        transaction.delete_vault(vault);
        throw std::runtime_error("no");
    }),
                    std::runtime_error);
    CHECK(world.store->read()->vault(vault));
}
