// One request's head and one reply, as the session and the rooms above it hand them to each other. Plain
// data: neither Asio nor Beast, so that operations and their tests need no event loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace firn::http {

// Header fields in order. Names compare without regard to case.
class Fields {
public:
    using Field = std::pair<std::string, std::string>;  // name, value

    void add(std::string name, std::string value);
    // Of the first field of that name, if there is one.
    void replace(std::string_view name, std::string value);
    // The value of the first field of that name; the view lives as long as this object is unchanged.
    std::optional<std::string_view> find(std::string_view name) const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

struct RequestHead {
    std::string method;
    std::string target;  // as sent, percent-encoded: path and query
    Fields fields;
    // Bytes of the body that follows: 0 when there is none, nothing when it comes in chunks.
    std::optional<std::uint64_t> content_length = 0;
    // The client's IP address without its port; an IPv4 one also where the socket speaks IPv6. Empty when the
    // client had gone before it was asked for.
    std::string peer_address;
};

// Some bytes of an open file. The descriptor stays valid until the next piece is asked for.
struct FileSlice {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

using BodyPiece = std::variant<std::string, FileSlice>;

// A body that is produced piece by piece while it is sent, so that its size does not matter.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    virtual std::uint64_t size_bytes() const = 0;
    // The next piece, in order; nothing at the end. Throws when the bytes cannot be had any more.
    virtual std::optional<BodyPiece> next() = 0;
};

// How the wire fails on purpose, so that a client can be tried against it. The reply's head never tells.
// Offsets count bytes of the body; one at its end or beyond it changes nothing.
struct WireFault {
    // The connection is reset instead of answered, even in the middle of the request's body. The rest of this
    // struct then means nothing.
    bool reset = false;
    // After so many bytes the connection closes, though Content-Length announced more.
    std::optional<std::uint64_t> cut_after_bytes;
    // The byte at this offset is sent with all its bits inverted.
    std::optional<std::uint64_t> flip_at;
    // The body is sent no faster; 0 counts as 1. A server that is told to stop sends the rest at full speed.
    std::optional<std::uint64_t> bytes_per_second;
};

// The session adds Content-Length (and Connection, where it closes); every other field is set by who made the
// reply.
struct Response {
    unsigned status = 200;
    Fields fields;
    std::variant<std::string, std::unique_ptr<BodyStream>> body;
    std::optional<WireFault> fault;
};

}  // namespace firn::http
