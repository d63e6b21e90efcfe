// firn's own surface, below /_firn/: plain JSON, no credentials.
#pragma once

#include <chrono>

#include "server/clock.hpp"
#include "server/http/handler.hpp"

namespace firn::control {

class Control : public http::Handler {
public:
    explicit Control(Clock const& clock) : clock_(clock) {}

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    http::Response refuse(http::Refusal why) override;

private:
    http::Response answer(http::RequestHead const& head) const;
    http::Response health() const;

    Clock const& clock_;
    std::chrono::steady_clock::time_point const started_ = std::chrono::steady_clock::now();
};

}  // namespace firn::control
