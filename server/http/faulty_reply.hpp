// The way out for a Response that carries a WireFault: the same bytes as ever, but reset, cut short, with one
// of them wrong, or slow. Kept apart so that the ordinary way stays simple and fast.
#pragma once

#include <chrono>
#include <cstdint>

#include "server/http/connection.hpp"
#include "server/http/message.hpp"
#include "server/http/reply_writer.hpp"

namespace firn::http {

// `response.fault` is set. `body_bytes` of its body follow the head: 0 where there is no body to send. After
// a cut, the client already sees the end; see Sent::cut. The rest is as with write_reply.
Awaitable<Sent> write_faulty_reply(Connection& connection, net::const_buffer head, Response& response,
                                   std::uint64_t body_bytes, std::chrono::milliseconds stall);

}  // namespace firn::http
