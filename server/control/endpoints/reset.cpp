// Deletes one vault, what belongs to one account, or everything.
#include "server/control/endpoints/replacement.hpp"
#include "server/control/endpoints/vault_choice.hpp"
#include "server/control/routes.hpp"
#include "server/identity/caller.hpp"

namespace firn::control {
namespace {

void delete_vault(text::JsonObject const& body, Context& context) {
    context.store.write_and_wait([&](storage::Transaction& transaction) {
        transaction.delete_vault(chosen_vault(body, context, transaction)->vault_pk);
    });
}

void delete_account(std::string const& account, std::optional<std::string> const& region, Context& context) {
    if (!identity::is_account_id(account)) throw Refusal{400, "account must be 12 digits"};
    if (region && !identity::is_region(*region)) throw Refusal{400, "region must be a name like us-east-1"};
    context.store.write_and_wait(
        [&](storage::Transaction& transaction) { transaction.delete_account(account, region); });
}

void delete_everything(Context& context) {
    {
        auto const pause = context.scheduler.pause();
        context.store.reset(replacement(context, [&] { context.clock_keeper.show_initial(); }));
        context.clock_keeper.keep_initial();
        context.faults.reset();
        context.journal.clear();
    }
    context.time_control.settle();
}

}  // namespace

http::Response reset(Request const& request, Context& context) {
    auto const body = request.object({"vault", "account", "region"});
    auto const account = body.string("account");
    auto const region = body.string("region");
    if (body.has("vault")) {
        delete_vault(body, context);
    } else if (account) {
        delete_account(*account, region, context);
    } else if (region) {
        throw Refusal{400, "region needs account or vault"};
    } else {
        delete_everything(context);
    }
    return show_clock(request, context);
}

}  // namespace firn::control
