// What changes the state as a whole: a reset, a seed, inventories out of turn.
#include <fmt/format.h>

#include "server/control/routes.hpp"
#include "server/control/seed.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

// The vault that the body names; nothing when it names none.
std::optional<storage::Vault> requested_vault(Call const& call, House const& house,
                                              storage::View const& view) {
    auto const object = call.object({"vault", "account", "region"});
    auto const name = object.string("vault");
    auto const account = object.string("account");
    auto const region = object.string("region");
    if (!name) {
        if (account || region) throw Refusal{400, "account and region go with a vault"};
        return std::nullopt;
    }
    storage::Owner const owner{account.value_or(house.default_owner.account),
                               region.value_or(house.default_owner.region)};
    auto vault = view.find_vault(owner, *name);
    if (!vault)
        throw Refusal{
            404, fmt::format("there is no vault {} of account {} in {}", *name, owner.account, owner.region)};
    return vault;
}

void empty(House& house) {
    auto const pause = house.scheduler.pause();
    std::map<std::string, std::string> kept;
    if (auto const seed = house.store.read()->setting("seed")) kept["seed"] = *seed;
    // The clock first: what is written from then on has its times.
    house.store.reset(kept, [&] { house.clock_keeper.show_initial(); });
    house.clock_keeper.keep_initial();
    house.faults.reset();
    house.journal.clear();
}

nlohmann::ordered_json take_inventory(storage::Transaction& transaction, std::int64_t vault_pk,
                                      storage::Time now, storage::Duration first_inventory_delay) {
    transaction.take_inventory(vault_pk, now);
    transaction.make_inventory_ready(vault_pk, now - first_inventory_delay);
    auto const vault = transaction.vault(vault_pk).value();
    return {{"account", vault.owner.account},
            {"region", vault.owner.region},
            {"vault", vault.name},
            {"at", text::format_milliseconds(vault.inventory->at)},
            {"archive_count", vault.inventory->contents.archive_count},
            {"archive_bytes", vault.inventory->contents.archive_bytes}};
}

}  // namespace

http::Response reset(Call const& call, House& house) {
    bool all = false;
    house.store.write_and_wait([&](storage::Transaction& transaction) {
        auto const vault = requested_vault(call, house, transaction);
        all = !vault;
        if (vault) transaction.delete_vault(vault->vault_pk);
    });
    if (all) {
        empty(house);
        house.time_control.settle();
    }
    return show_clock(call, house);
}

http::Response take_inventories(Call const& call, House& house) {
    auto list = nlohmann::ordered_json::array();
    auto const now = house.clock.now();
    auto const delay = house.rules.timing.first_inventory_delay;
    house.store.write_and_wait([&](storage::Transaction& transaction) {
        auto const vault = requested_vault(call, house, transaction);
        auto const vaults = vault ? std::vector{vault->vault_pk} : transaction.all_vaults();
        for (auto const vault_pk : vaults) list.push_back(take_inventory(transaction, vault_pk, now, delay));
    });
    return json_reply(200, {{"inventories", list}});
}

http::Response seed(Call const& call, House& house) {
    auto const folder = call.text("folder").value_or(".");
    auto const seeded =
        apply_seed(call.body, {house.store, house.rules, house.default_owner, house.clock.now(), folder});
    house.time_control.settle();
    return json_reply(200, {{"vaults", seeded.vaults},
                            {"archives", seeded.archives},
                            {"archive_bytes", seeded.archive_bytes},
                            {"jobs", seeded.jobs}});
}

}  // namespace firn::control
