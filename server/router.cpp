#include "server/router.hpp"

#include <utility>

namespace firn {

std::unique_ptr<http::Exchange> Router::begin(http::RequestHead head) {
    auto& handler = head.target.starts_with("/_firn/") ? control_ : glacier_;
    return handler.begin(std::move(head));
}

http::Response Router::refuse(http::Refusal why) {
    return glacier_.refuse(why);
}

}  // namespace firn
