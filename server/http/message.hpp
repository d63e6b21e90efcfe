// The head of a request, and a reply, as the session and its handlers exchange them. Plain data without Asio
// and Beast, so that operations and their tests need no event loop.
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
    // Replaces the value of the first field of that name, if there is one.
    void replace(std::string_view name, std::string value);
    // The value of the first field of that name. The view is valid until this object changes.
    std::optional<std::string_view> find(std::string_view name) const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

struct RequestHead {
    std::string method;
    // As sent, percent-encoded: path and query. The host of a target in absolute form is the Host field.
    std::string target;
    Fields fields;
    // The size of the body that follows: 0 when there is none, nothing when it is chunked.
    std::optional<std::uint64_t> content_length = 0;
    // The client's IP address without its port; an IPv4 address also where an IPv6 socket maps it. Empty when
    // the client went away before the address was known.
    std::string peer_address;
};

// Bytes of an open file. The descriptor is valid until the next piece is asked for.
struct FileSlice {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

using BodyPiece = std::variant<std::string, FileSlice>;

// A body that is produced piece by piece while it is sent, so that large bodies need little memory.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    virtual std::uint64_t size_bytes() const = 0;
    // The next piece, in order; nothing at the end. Throws when the bytes can no longer be read.
    virtual std::optional<BodyPiece> next() = 0;
};

// A failure of the connection on purpose, to test clients. The head of the reply does not show it. Offsets
// count bytes of the body; an offset at or beyond the end has no effect.
struct WireFault {
    // The connection is reset instead of answered, even in the middle of the request's body. The other
    // members are ignored then.
    bool reset = false;
    // The connection closes after so many bytes, though Content-Length announced more.
    std::optional<std::uint64_t> cut_after_bytes;
    // The byte at this offset is sent with all its bits inverted.
    std::optional<std::uint64_t> flip_at;
    // The body is not sent faster than this; 0 counts as 1. A server that stops sends the rest at full speed.
    std::optional<std::uint64_t> bytes_per_second;
};

// The session adds Content-Length, and Connection where it closes the connection; the handler sets all other
// fields.
struct Response {
    unsigned status = 200;
    Fields fields;
    std::variant<std::string, std::unique_ptr<BodyStream>> body;
    std::optional<WireFault> fault;
};

}  // namespace firn::http
