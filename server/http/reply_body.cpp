#include "server/http/reply_body.hpp"

#include <memory>
#include <string>
#include <variant>

namespace firn::http {

std::optional<std::uint64_t> body_size(Response const& response) noexcept {
    if (auto const* text = std::get_if<std::string>(&response.body)) return text->size();
    auto const& stream = std::get<std::unique_ptr<BodyStream>>(response.body);
    try {
        return stream ? stream->size_bytes() : 0;
    } catch (...) {
        return std::nullopt;
    }
}

BodyStep next_step(BodyStream& stream) noexcept {
    BodyStep step;
    try {
        step.piece = stream.next();
        step.at_end = !step.piece;
    } catch (...) {
        step.piece.reset();
    }
    return step;
}

std::uint64_t size_of(BodyPiece const& piece) {
    if (auto const* text = std::get_if<std::string>(&piece)) return text->size();
    return std::get<FileSlice>(piece).size_bytes;
}

}  // namespace firn::http
