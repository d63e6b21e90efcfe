// The body of a reply while it is sent: its size, its next piece, how much of it has left. Nothing here
// throws.
#pragma once

#include <cstdint>
#include <optional>

#include "server/http/message.hpp"

namespace firn::http {

// How much of a reply has left.
struct Sent {
    std::uint64_t body_bytes = 0;
    bool whole = false;
    bool cut = false;  // not whole because of the reply's fault: the client must get what was sent
};

// Nothing when a stream throws instead of telling its size.
std::optional<std::uint64_t> body_size(Response const& response) noexcept;

// What BodyStream::next() returned. Neither a piece nor the end: it threw.
struct BodyStep {
    std::optional<BodyPiece> piece;
    bool at_end = false;
};

BodyStep next_step(BodyStream& stream) noexcept;

std::uint64_t size_of(BodyPiece const& piece);

}  // namespace firn::http
