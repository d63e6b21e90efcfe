// What one connection may cost. Times are real time (steady clock): they never move with the domain clock.
#pragma once

#include <chrono>
#include <cstddef>

namespace firn::http {

struct Limits {
    std::size_t connections_max = 10'000;      // one more is answered and closed
    std::size_t header_bytes_max = 16 << 10;   // request line and fields together
    std::size_t body_piece_bytes = 256 << 10;  // the buffer of a connection that has a body

    std::chrono::milliseconds idle_timeout{60'000};    // between two requests of a connection
    std::chrono::milliseconds header_timeout{20'000};  // from a head's first byte to its last
    std::chrono::milliseconds body_timeout{30'000};    // without a byte of the body, and before the next
    std::size_t body_rate_min_bytes = 1 << 10;         // counts: what a body must average a second
    std::chrono::milliseconds write_timeout{60'000};   // without the client taking any of the reply
    std::chrono::milliseconds drain_timeout{30'000};   // for the rest of a refused body to be dropped
    std::chrono::milliseconds stop_timeout{10'000};    // how long stop() waits for requests that run
};

}  // namespace firn::http
