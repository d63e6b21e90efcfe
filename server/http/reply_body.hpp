// A reply's body, asked in ways that never throw: how long it is, and what comes next.
#pragma once

#include <cstdint>
#include <optional>

#include "server/http/message.hpp"

namespace firn::http {

// Nothing when a stream cannot even say its size.
std::optional<std::uint64_t> body_size(Response const& response) noexcept;

// What next() gave; neither value means that it failed.
struct BodyStep {
    std::optional<BodyPiece> piece;
    bool at_end = false;
};

BodyStep next_step(BodyStream& stream) noexcept;

std::uint64_t size_of(BodyPiece const& piece);

}  // namespace firn::http
