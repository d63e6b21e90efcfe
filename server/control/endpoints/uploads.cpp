// Shows the open multipart uploads of all vaults; drops one before it is due.
#include "server/control/endpoints/expiry.hpp"
#include "server/control/endpoints/listing.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

nlohmann::ordered_json describe(storage::Upload const& upload, storage::View const& view) {
    auto const parts = view.part_totals(upload.upload_pk);
    auto json = names_of_vault(view, upload.vault_pk);
    json.update({{"upload_id", upload.upload_id},
                 {"description", or_null(upload.description)},
                 {"part_size_bytes", upload.part_size_bytes},
                 {"part_count", parts.part_count},
                 {"part_bytes", parts.part_bytes},
                 {"created_at", text::format_milliseconds(upload.created_at)},
                 {"expires_at", text::format_milliseconds(upload.due_at)}});
    return json;
}

}  // namespace

http::Response list_uploads(Request const& request, Context& context) {
    auto const page = requested_page(request, context, "uploads");
    auto const reading = context.store.read();
    auto uploads =
        reading->list_uploads(requested_vaults(request, *reading), page.from_pk.value_or(0), page.limit + 1);
    return page_reply(context, page, std::move(uploads), &storage::Upload::upload_pk,
                      [&](storage::Upload const& upload) { return describe(upload, *reading); });
}

http::Response expire_upload(Request const& request, Context& context) {
    auto const& upload_id = request.path.at("upload_id");
    context.time_control.write([&](storage::Transaction& transaction, storage::Time) {
        auto const upload = transaction.find_upload(upload_id);
        if (!upload || upload->state != storage::UploadState::open)
            throw Refusal{404, "there is no open multipart upload " + upload_id};
        expire(transaction, {storage::Due::Kind::upload_dropped, upload->due_at, upload->upload_pk});
    });
    return empty_reply(204);
}

}  // namespace firn::control
