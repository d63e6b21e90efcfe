#include "server/glacier/dispatch.hpp"

#include "server/glacier/exchange.hpp"
#include "server/glacier/limits.hpp"

namespace firn::glacier {

std::unique_ptr<http::Exchange> Dispatch::begin(http::RequestHead head) {
    auto const number = requests_++;
    return std::make_unique<Exchange>(services_, number, request_id(number), std::move(head));
}

http::Response Dispatch::refuse(http::Refusal why) {
    auto response = response_of(error_of(why));
    add_common_fields(response, request_id(requests_++), services_.now());
    return response;
}

std::string Dispatch::request_id(std::uint64_t number) const {
    return request_ids_.id(number, request_id_length);
}

}  // namespace firn::glacier
