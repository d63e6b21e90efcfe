// The exchange that answers one request. Catches all that the exchange throws, and keeps what the session
// needs until the reply has left.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "server/http/handler.hpp"
#include "server/http/reply_body.hpp"

namespace firn::http {

// The answer when an exchange throws: status 500 without a body, which tells nothing of the cause.
Response plain_failure();
// Calls Handler::refuse. Returns plain_failure() when it throws.
Response refusal(Handler& handler, Refusal why) noexcept;

class GuardedExchange {
public:
    GuardedExchange(Handler& handler, RequestHead head) noexcept;

    bool wants_body() noexcept;
    // Whether the body may grow to `total_bytes`.
    bool admits(std::uint64_t total_bytes) const { return total_bytes <= body_limit_bytes_; }
    // False when the exchange wants no more of the body.
    bool receive(std::span<std::byte const> piece) noexcept;
    // False when the exchange threw; a call of `reply` is then ignored.
    bool finish(Exchange::Reply reply) noexcept;
    Response refuse(Refusal why) noexcept;
    void replied(Sent sent) noexcept;

    // Whether the exchange has thrown: then the answer is plain_failure() and the connection closes.
    bool broken() const { return broken_; }
    std::uint64_t received_bytes() const { return received_bytes_; }
    std::optional<std::uint64_t> announced_bytes() const { return announced_bytes_; }
    std::unique_ptr<Exchange> release() { return std::move(exchange_); }

private:
    std::optional<std::uint64_t> announced_bytes_;
    std::unique_ptr<Exchange> exchange_;
    std::uint64_t body_limit_bytes_ = 0;
    std::uint64_t received_bytes_ = 0;
    bool broken_ = false;
};

}  // namespace firn::http
