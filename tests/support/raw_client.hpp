// An HTTP client for tests that sends exactly the given bytes and reads one reply at a time. It blocks, with
// time-outs, so that a test fails instead of hanging. Errors of the socket are std::runtime_error.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firn::test {

using RawFields = std::vector<std::pair<std::string, std::string>>;

struct RawReply {
    unsigned status = 0;
    std::string reason;
    RawFields fields;  // in order and case as sent
    std::string body;

    // Without regard to case.
    std::optional<std::string> field(std::string_view name) const;
};

class RawClient {
public:
    // `host` is an IPv4 or IPv6 address.
    explicit RawClient(std::uint16_t port, std::string const& host = "127.0.0.1",
                       std::chrono::milliseconds timeout = std::chrono::seconds(5));
    ~RawClient();
    RawClient(RawClient&& other) noexcept;
    RawClient& operator=(RawClient&&) = delete;

    // Sends a request with Host, and with Content-Length when there is a body or the method usually has one,
    // unless `fields` has them. Reads the reply and skips 100.
    RawReply request(std::string_view method, std::string_view target, RawFields const& fields = {},
                     std::string_view body = {});

    void send(std::string_view bytes);
    // False when the server has closed the connection.
    bool try_send(std::string_view bytes);

    // One reply, 100 included. `to_head`: the request was a HEAD, so no body follows the length.
    RawReply read_reply(bool to_head = false);
    // All bytes until the server closes.
    std::string read_to_end();
    // Whether the server closes (or resets) without sending anything more.
    bool closed();
    // Up to `most` bytes of what comes next; empty at the end.
    std::string read_some(std::size_t most);

    void shutdown_send();
    // Closes so that the server sees a reset.
    void reset();
    void close();

private:
    bool fill();  // false at the end

    int socket_ = -1;
    std::string buffer_;
};

}  // namespace firn::test
