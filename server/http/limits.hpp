// What connections may cost. Times are real time (the steady clock), not the time of firn's own clock.
#pragma once

#include <chrono>
#include <cstddef>

namespace firn::http {

struct Limits {
    std::size_t connections_max = 10'000;      // a further one gets an error and is closed
    std::size_t header_bytes_max = 16 << 10;   // request line and header fields together
    std::size_t body_piece_bytes = 256 << 10;  // the buffer of a connection that has a body

    std::chrono::milliseconds idle_timeout{60'000};    // between two requests of a connection
    std::chrono::milliseconds header_timeout{20'000};  // from a head's first byte to its last
    std::chrono::milliseconds body_timeout{30'000};    // between two pieces of the body
    std::size_t body_rate_min_bytes = 1 << 10;         // that a body must have each second, on average
    std::chrono::milliseconds write_timeout{60'000};   // while the client takes no byte of the reply
    std::chrono::milliseconds drain_timeout{30'000};   // for reading the rest of a refused body
    std::chrono::milliseconds stop_timeout{10'000};    // how long stop() waits for running requests
};

}  // namespace firn::http
