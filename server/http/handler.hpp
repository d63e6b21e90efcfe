// The interface between the HTTP server and what answers its requests. The session calls these two classes
// and knows nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "server/http/message.hpp"

namespace firn::http {

// Why the HTTP server itself refuses a request.
enum class Refusal {
    malformed_request,     // not HTTP/1.x, a broken head, a broken chunk
    header_too_large,      // the head exceeds Limits::header_bytes_max
    body_too_large,        // the body exceeds Exchange::body_limit_bytes()
    request_timeout,       // head or body arrive too slowly
    too_many_connections,  // Limits::connections_max are open
};

// One request from its head to the end of its reply. The session calls the functions one at a time, in this
// order: wants_body, then receive for each piece of the body, then finish or refuse, then replied.
class Exchange {
public:
    using Reply = std::function<void(Response)>;

    virtual ~Exchange() = default;

    // False when the head decides the answer: finish() follows at once, and "100 Continue" is not sent.
    virtual bool wants_body() const = 0;
    // The largest body that the exchange takes; asked once, before the first piece.
    virtual std::uint64_t body_limit_bytes() const = 0;
    // Takes the next piece of the body. False when the exchange wants no more: finish() follows at once.
    virtual bool receive(std::span<std::byte const> piece) = 0;
    // The body is complete, or was not wanted. Calls `reply` exactly once, now or later, on any thread.
    virtual void finish(Reply reply) = 0;
    // Called instead of finish() when the body cannot be read. The connection closes after this answer.
    virtual Response refuse(Refusal why) = 0;
    // The reply has left with `body_bytes` of its body. `whole` is false when the client went away before the
    // end, or when the reply's fault held back the rest.
    virtual void replied(std::uint64_t body_bytes, bool whole) = 0;
};

// Called from several threads at once.
class Handler {
public:
    virtual ~Handler() = default;
    virtual std::unique_ptr<Exchange> begin(RequestHead head) = 0;
    // The answer to a request without a valid head, for which there is no exchange.
    virtual Response refuse(Refusal why) = 0;
};

}  // namespace firn::http
