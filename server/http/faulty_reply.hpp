// Writes a Response that has a WireFault: its connection is reset, its body cut short or slow, or one byte of
// it wrong. Separate from reply_writer, so that ordinary replies stay simple and fast.
#pragma once

#include <chrono>
#include <cstdint>

#include "server/http/connection.hpp"
#include "server/http/message.hpp"
#include "server/http/reply_body.hpp"

namespace firn::http {

// `response.fault` must be set. `body_bytes` of its body follow the head; 0 where the reply has no body.
// After a cut (Sent::cut) the sending side of the connection is closed. The rest is as in write_reply.
Awaitable<Sent> write_faulty_reply(Connection& connection, net::const_buffer head, Response& response,
                                   std::uint64_t body_bytes, std::chrono::milliseconds stall);

}  // namespace firn::http
