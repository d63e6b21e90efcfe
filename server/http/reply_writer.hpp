// A Response as bytes on the wire: its head, and its body however it is produced.
#pragma once

#include <cstdint>
#include <string>

#include "server/http/connection.hpp"
#include "server/http/message.hpp"

namespace firn::http {

// What the request and the state of the connection say about a reply's form.
struct ReplyManner {
    bool to_head = false;      // the request was HEAD: no body, though its length is told
    bool to_http_1_0 = false;  // keeping the connection must be said
    bool close = false;        // the connection closes afterwards
};

struct Sent {
    std::uint64_t body_bytes = 0;
    bool whole = false;
    bool cut = false;  // not whole because the reply's fault said so; what was sent is meant to arrive
};

// Status line, fields in the order and case given, Content-Length, Connection. `body_bytes` is the length to
// tell.
std::string reply_head(Response const& response, std::uint64_t body_bytes, ReplyManner manner);

// Not whole: the client went away or stalled, or the body's bytes could not be had; the connection is of no
// more use. `response` must outlive the call.
Awaitable<Sent> write_reply(Connection& connection, Response& response, ReplyManner manner,
                            std::chrono::milliseconds stall);

}  // namespace firn::http
