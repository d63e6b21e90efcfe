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
};

// Some bytes of an open file. The descriptor stays valid until the next piece is asked for.
struct FileSlice {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

// A body that is produced piece by piece while it is sent, so that its size does not matter.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    virtual std::uint64_t size_bytes() const = 0;
    // The next piece, in order; nothing at the end. Throws when the bytes cannot be had any more.
    virtual std::optional<std::variant<std::string, FileSlice>> next() = 0;
};

// The session adds Content-Length (and Connection, where it closes); every other field is set by who made the
// reply.
struct Response {
    unsigned status = 200;
    Fields fields;
    std::variant<std::string, std::unique_ptr<BodyStream>> body;
};

}  // namespace firn::http
