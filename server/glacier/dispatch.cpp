#include "server/glacier/dispatch.hpp"

#include "server/glacier/exchange.hpp"
#include "server/glacier/limits.hpp"

namespace firn::glacier {

std::unique_ptr<http::Exchange> Dispatch::begin(http::RequestHead head) {
    return std::make_unique<Exchange>(services_, next_request_id(), std::move(head));
}

http::Response Dispatch::refuse(http::Refusal why) {
    auto response = response_of(error_of(why));
    add_common_fields(response, next_request_id(), services_.now());
    return response;
}

std::string Dispatch::next_request_id() {
    return services_.rules.random.id("request" + services_.request_series, requests_++, request_id_length);
}

}  // namespace firn::glacier
