// One client's socket and the deadline over whatever is being waited for on it. Knows bytes, not HTTP.
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

// All calls on the socket's strand. A deadline that passes ends the operation that waits, but leaves the
// socket open, so that an answer can still be written.
class Connection {
public:
    explicit Connection(Socket socket);

    // Must come first; see Deadline::watch.
    void watch(std::weak_ptr<void> owner) { deadline_.watch(std::move(owner)); }
    Executor executor() { return socket_.get_executor(); }
    Deadline& deadline() { return deadline_; }
    // See RequestHead::peer_address.
    std::string const& peer_address() const { return peer_address_; }

    // Appends what has come, at most `room_bytes`, to `buffer`. 0: the client closed, the connection failed,
    // or the deadline (which the caller sets) has passed.
    Awaitable<std::size_t> read_some(beast::flat_buffer& buffer, std::size_t room_bytes);

    // The writers return how many bytes the kernel took: all of them, or fewer when the connection failed or
    // the client took no byte for `stall` (it may be twice that before this is noticed).
    Awaitable<std::size_t> write(net::const_buffer first, net::const_buffer second,
                                 std::chrono::milliseconds stall);
    // Without copying the bytes through this process. Also fewer when the file ends before the slice does.
    Awaitable<std::uint64_t> send_file(FileSlice slice, std::chrono::milliseconds stall);

    // Waits; not at all once hurry() was called or the connection is closed.
    Awaitable<void> pause_until(SteadyClock::time_point when);
    // Ends the pause under way and all later ones.
    void hurry();
    bool hurried() const { return hurried_; }

    // Whether bytes have come that were not read; closing now would reset the connection.
    bool has_unread();
    // Ends the operation that waits.
    void interrupt();
    void shutdown_send();
    void close();
    // Closes so that the client sees a reset, whatever was or was not read and sent.
    void reset();

private:
    Socket socket_;
    Deadline deadline_;
    std::string const peer_address_;
    std::optional<Timer> pause_;  // only connections that were told to be slow have one
    bool hurried_ = false;
};

}  // namespace firn::http
