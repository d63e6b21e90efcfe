// Deletes one vault, what belongs to one account, or everything.
#include "server/control/endpoints/replacement.hpp"
#include "server/control/endpoints/vault_choice.hpp"
#include "server/control/known_names.hpp"
#include "server/control/routes.hpp"
#include "server/control/seed/seed.hpp"

namespace firn::control {
namespace {

void delete_vault(text::JsonObject const& body, Context& context) {
    context.time_control.write([&](storage::Transaction& transaction, storage::Time) {
        transaction.delete_vault(chosen_vault(body, context, transaction)->vault_pk);
    });
}

void delete_account(std::string const& account, std::optional<std::string> const& region, Context& context) {
    check_owner(account, region);
    context.time_control.write([&](storage::Transaction& transaction, storage::Time) {
        transaction.delete_account(account, region);
    });
}

// Writes what the server begins with: the seed file, if there is one and `seeds`.
storage::Writer::Work first_contents(Context const& context, bool seeds) {
    if (!seeds) return mark_seeded;
    if (context.seed_file.empty()) return {};
    return [&context](storage::Transaction& transaction) {
        SeedContext const seed_context{.store = context.store,
                                       .rules = context.rules,
                                       .default_owner = context.default_owner,
                                       .now = context.clock_keeper.initial_time(),
                                       .is_stopping = context.is_stopping};
        try {
            apply_seed(read_seed_file(context.seed_file), seed_context, transaction);
        } catch (Refusal const& refusal) {
            throw Refusal{409, "nothing was deleted: " + refusal.message};
        }
    };
}

void delete_everything(Context& context, bool seeds) {
    {
        auto const pause = context.scheduler.pause();
        context.store.reset(replacement(context, [&] { context.clock_keeper.show_initial(); }),
                            first_contents(context, seeds));
        context.clock_keeper.keep_initial();
        context.faults.reset();
        context.journal.clear();
    }
    context.time_control.settle();
}

}  // namespace

http::Response reset(Request const& request, Context& context) {
    auto const body = request.object({"vault", "account", "region", "seed"});
    auto const account = body.string("account");
    auto const region = body.string("region");
    bool const is_whole = !body.has("vault") && !account;
    if (is_whole && region) throw Refusal{400, "region needs account or vault"};
    if (!is_whole && body.has("seed")) throw Refusal{400, "seed is only for a reset of everything"};
    if (body.has("vault")) {
        delete_vault(body, context);
    } else if (account) {
        delete_account(*account, region, context);
    } else {
        delete_everything(context, body.boolean("seed").value_or(true));
    }
    return show_clock(request, context);
}

}  // namespace firn::control
