#include "server/glacier/reply.hpp"

#include <spdlog/spdlog.h>

#include "server/text/json_object.hpp"
#include "server/text/timestamp.hpp"
#include "storage/disk_full.hpp"
#include "storage/hash/sha256.hpp"

namespace firn::glacier {
namespace {

constexpr auto full_disk_hint = "the disk that holds firn's data is full; free some space and try again";
constexpr auto failure_hint = "firn itself failed; its log has the reason under the request id";

}  // namespace

http::Response success_response(Request const& request) {
    bool const creates = request.success_status == 201 || request.success_status == 202;
    if (creates) return json_response(request, "{}");
    http::Response response;
    response.status = request.success_status;
    return response;
}

http::Response json_response(Request const& request, std::string body) {
    http::Response response;
    response.status = request.success_status;
    response.fields.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

http::Response archive_response(Request const& request, std::string const& archive_id,
                                storage::Digest const& tree_hash) {
    auto response = success_response(request);
    response.fields.add("x-amz-archive-id", archive_id);
    response.fields.add("x-amz-sha256-tree-hash", storage::to_hex(tree_hash));
    response.fields.add("Location", request.vault_path() + "/archives/" + archive_id);
    return response;
}

http::Response response_of(ServiceError const& error) {
    http::Response response;
    response.status = error.status;
    response.fields.add("Content-Type", "application/json");
    response.body = body_of(error);
    response.fields.add("x-firn-hint", error.hint);
    return response;
}

ServiceError error_of(std::exception_ptr thrown, std::string const& request_id) {
    try {
        std::rethrow_exception(std::move(thrown));
    } catch (ServiceError const& error) {
        return error;
    } catch (text::JsonError const& error) {
        return errors::serialization(error.what());
    } catch (std::exception const& failure) {
        spdlog::error("request {} failed: {}", request_id, failure.what());
        return errors::service_unavailable(storage::is_disk_full(failure) ? full_disk_hint : failure_hint);
    }
}

void add_common_fields(http::Response& response, std::string const& request_id, storage::Time now) {
    response.fields.add("x-amzn-RequestId", request_id);
    response.fields.add("Date", text::format_http_date(now));
}

}  // namespace firn::glacier
