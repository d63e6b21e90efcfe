// Shows the archives of all vaults.
#include "server/control/endpoints/listing.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

bool requested_deleted(Request const& request) {
    auto const value = request.text("deleted").value_or("false");
    if (value != "true" && value != "false") throw Refusal{400, "deleted must be true or false"};
    return value == "true";
}

// The archive with which the page begins. A deleted archive stays as a row until its vault goes.
std::optional<storage::Archive> first_archive(Page const& page, storage::View const& view) {
    if (!page.from_pk) return std::nullopt;
    if (auto archive = view.archive(*page.from_pk)) return archive;
    throw Refusal{409, "the vault with which this page begins was deleted; list again without the marker"};
}

nlohmann::ordered_json describe(storage::Archive const& archive, storage::View const& view) {
    auto json = names_of_vault(view, archive.vault_pk);
    json.update({{"archive_id", archive.archive_id},
                 {"description", archive.description},
                 {"size_bytes", archive.size_bytes},
                 {"tree_hash", storage::to_hex(archive.tree_hash)},
                 {"created_at", text::format_milliseconds(archive.created_at)},
                 {"deleted", archive.deleted}});
    return json;
}

}  // namespace

http::Response list_archives(Request const& request, Context& context) {
    auto const page = requested_page(request, context, "archives");
    auto const reading = context.store.read();
    auto archives = reading->list_archives(requested_vaults(request, *reading), requested_deleted(request),
                                           first_archive(page, *reading), page.limit + 1);
    return page_reply(context, page, std::move(archives), &storage::Archive::archive_pk,
                      [&](storage::Archive const& archive) { return describe(archive, *reading); });
}

}  // namespace firn::control
