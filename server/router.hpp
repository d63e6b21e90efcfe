// Sends each request to the handler that serves its path.
#pragma once

#include "server/http/handler.hpp"

namespace firn {

// Paths below /_firn/ go to `control`, all others to `glacier`. Both must outlive the router.
class Router : public http::Handler {
public:
    Router(http::Handler& glacier, http::Handler& control) : glacier_(glacier), control_(control) {}

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    // A request without a readable head has no path: it gets Glacier's error.
    http::Response refuse(http::Refusal why) override;

private:
    http::Handler& glacier_;
    http::Handler& control_;
};

}  // namespace firn
