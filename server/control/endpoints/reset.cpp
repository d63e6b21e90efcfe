// Deletes one vault, or everything.
#include "server/control/endpoints/vault_choice.hpp"
#include "server/control/routes.hpp"

namespace firn::control {
namespace {

void empty(Context& context) {
    auto const pause = context.scheduler.pause();
    std::map<std::string, std::string> kept;
    if (auto const seed = context.store.read()->setting("seed")) kept["seed"] = *seed;
    // The clock changes before anything is written, so that writes get the new times.
    context.store.reset(kept, [&] { context.clock_keeper.show_initial(); });
    context.clock_keeper.keep_initial();
    context.faults.reset();
    context.journal.clear();
}

}  // namespace

http::Response reset(Request const& request, Context& context) {
    bool all = false;
    context.store.write_and_wait([&](storage::Transaction& transaction) {
        auto const vault = chosen_vault(request, context, transaction);
        all = !vault;
        if (vault) transaction.delete_vault(vault->vault_pk);
    });
    if (all) {
        empty(context);
        context.time_control.settle();
    }
    return show_clock(request, context);
}

}  // namespace firn::control
