// The one seam between the wire and what answers: the session drives these two interfaces and knows nothing
// else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "server/http/message.hpp"

namespace firn::http {

// Why the wire refuses a request on its own account.
enum class Refusal {
    malformed_request,     // not HTTP/1.x, a broken head, a broken chunk
    header_too_large,      // the head exceeds Limits::header_bytes_max
    body_too_large,        // the body exceeds Exchange::body_limit_bytes()
    request_timeout,       // head or body arrive too slowly
    too_many_connections,  // Limits::connections_max are open
};

// One request from its head to the end of its reply. The session calls the functions one after the other,
// never two at once, in this order: wants_body, (receive…), then finish or refuse, then replied.
class Exchange {
public:
    using Reply = std::function<void(Response)>;

    virtual ~Exchange() = default;

    // False when the head alone decides: finish() follows at once, and "100 Continue" is never sent.
    virtual bool wants_body() const = 0;
    // The most bytes of body it takes; asked once, before the first piece.
    virtual std::uint64_t body_limit_bytes() const = 0;
    // The next piece of the body. False when no more of it is wanted: finish() follows at once.
    virtual bool receive(std::span<std::byte const> piece) = 0;
    // The body is complete (or was not wanted). Calls `reply` exactly once, now or later, from any thread.
    virtual void finish(Reply reply) = 0;
    // Instead of finish(): the body cannot be had. The connection closes after this answer.
    virtual Response refuse(Refusal why) = 0;
    // The reply has left, `body_bytes` of its body were sent; `whole` is false when the client went away
    // first, or the reply's fault kept the rest from it.
    virtual void replied(std::uint64_t body_bytes, bool whole) = 0;
};

// Must be safe to call from several threads at once.
class Handler {
public:
    virtual ~Handler() = default;
    virtual std::unique_ptr<Exchange> begin(RequestHead head) = 0;
    // An answer where there is no head to begin an exchange with.
    virtual Response refuse(Refusal why) = 0;
};

}  // namespace firn::http
