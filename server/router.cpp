#include "server/router.hpp"

#include <string_view>
#include <utility>

namespace firn {

std::unique_ptr<http::Exchange> Router::begin(http::RequestHead head) {
    std::string_view const path = std::string_view(head.target).substr(0, head.target.find('?'));
    bool const is_control = path == "/_firn" || path.starts_with("/_firn/");
    return (is_control ? control_ : glacier_).begin(std::move(head));
}

http::Response Router::refuse(http::Refusal why) {
    return glacier_.refuse(why);
}

}  // namespace firn
