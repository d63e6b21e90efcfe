#include "server/glacier/api.hpp"

#include "server/glacier/exchange.hpp"
#include "server/glacier/limits.hpp"
#include "server/glacier/reply.hpp"

namespace firn::glacier {

Api::Api(Services services)
    : services_(std::move(services)),
      request_ids_(services_.rules.random, "request" + services_.request_series) {}

std::unique_ptr<http::Exchange> Api::begin(http::RequestHead head) {
    auto const number = requests_++;
    return std::make_unique<Exchange>(services_, number, request_id(number), std::move(head));
}

http::Response Api::refuse(http::Refusal why) {
    auto response = response_of(error_of(why));
    add_common_fields(response, request_id(requests_++), services_.now());
    return response;
}

std::string Api::request_id(std::uint64_t number) const {
    return request_ids_.id(number, request_id_length);
}

}  // namespace firn::glacier
