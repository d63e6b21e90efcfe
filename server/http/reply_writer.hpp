// Writes a Response to a connection: its head, and its body from a string or a stream.
#pragma once

#include <cstdint>
#include <string>

#include "server/http/connection.hpp"
#include "server/http/message.hpp"
#include "server/http/reply_body.hpp"

namespace firn::http {

// What the form of a reply depends on besides the Response.
struct ReplyManner {
    bool to_head = false;      // the request was HEAD: Content-Length, but no body
    bool to_http_1_0 = false;  // the reply must say when the connection stays open
    bool close = false;        // the connection closes after the reply
};

// The head: status line, fields in the order and case of the response, Content-Length (`body_bytes`),
// Connection.
std::string reply_head(Response const& response, std::uint64_t body_bytes, ReplyManner manner);

// Sent::whole is false when the client went away or stalled, or when the body could not be read; the
// connection cannot be used any more then. `response` must outlive the call.
Awaitable<Sent> write_reply(Connection& connection, Response& response, ReplyManner manner,
                            std::chrono::milliseconds stall);

}  // namespace firn::http
