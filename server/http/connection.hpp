// The socket of one client, with a deadline for each wait. Knows bytes, not HTTP.
#pragma once

#include <boost/asio/buffer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/http/deadline.hpp"
#include "server/http/message.hpp"
#include "server/http/net.hpp"

namespace firn::http {

// All calls must be on the socket's strand. A deadline that passes ends the operation that waits but leaves
// the socket open, so that an answer can still be written.
class Connection {
public:
    explicit Connection(Socket socket);

    // Must come first; see Deadline::watch.
    void watch(std::weak_ptr<void> owner) { deadline_.watch(std::move(owner)); }
    Executor executor() { return socket_.get_executor(); }
    Deadline& deadline() { return deadline_; }
    // See RequestHead::peer_address.
    std::string const& peer_address() const { return peer_address_; }

    // Reads at most `bytes_max` bytes to the end of `buffer` and returns their number. 0: the client closed,
    // the connection failed, or the deadline passed. The caller sets the deadline.
    Awaitable<std::size_t> read_some(beast::flat_buffer& buffer, std::size_t bytes_max);

    // The writers return how many bytes the kernel took: all of them, or fewer when the connection failed or
    // when the client took no byte for `stall`. It can take twice that time to notice.
    Awaitable<std::size_t> write(net::const_buffer first, net::const_buffer second,
                                 std::chrono::milliseconds stall);
    // Does not copy the bytes through this process. Also returns fewer when the file ends before the slice
    // does.
    Awaitable<std::uint64_t> send_file(FileSlice slice, std::chrono::milliseconds stall);

    // Waits. Returns at once after hurry(), and when the connection is closed.
    Awaitable<void> pause_until(SteadyClock::time_point when);
    // Ends the current pause and all later ones.
    void hurry();
    bool hurried() const { return hurried_; }

    // Whether the socket has bytes that were not read. Closing it would then reset the connection.
    bool has_unread();
    // Ends the operation that waits, and leaves the socket open.
    void interrupt();
    void shutdown_send();
    void close();
    // Closes the socket so that the client always sees a reset.
    void reset();

private:
    Socket socket_;
    Deadline deadline_;
    std::string const peer_address_;
    std::optional<Timer> pause_;  // made by the first pause: most connections need none
    bool hurried_ = false;
};

}  // namespace firn::http
