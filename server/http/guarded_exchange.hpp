// The exchange that answers one request, called so that nothing it throws goes
// further, and what the session has to remember until the reply has left.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "server/http/handler.hpp"
#include "server/http/reply_body.hpp"

namespace firn::http {

// The answer to whatever an exchange throws: it says nothing of the inside.
Response plain_failure();
// Handler::refuse, or the plain failure where that throws.
Response refusal(Handler& handler, Refusal why) noexcept;

class GuardedExchange {
public:
    GuardedExchange(Handler& handler, RequestHead head) noexcept;

    bool wants_body() noexcept;
    // Whether the body may grow to `total_bytes`.
    bool admits(std::uint64_t total_bytes) const { return total_bytes <= body_limit_bytes_; }
    // False when no more is wanted.
    bool receive(std::span<std::byte const> piece) noexcept;
    // False when it threw; `reply` then no longer counts.
    bool finish(Exchange::Reply reply) noexcept;
    Response refuse(Refusal why) noexcept;
    void replied(Sent sent) noexcept;

    // It has thrown: the answer is plain_failure(), and the connection closes.
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
