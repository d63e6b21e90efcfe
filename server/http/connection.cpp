#include "server/http/connection.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <utility>

namespace firn::http {

namespace {

// A slice is sent in steps of this size, so that other connections are served in between.
constexpr std::uint64_t send_file_step_bytes = 1 << 20;

std::array<net::const_buffer, 2> rest_of(net::const_buffer first, net::const_buffer second,
                                         std::size_t sent) {
    auto const of_second = sent > first.size() ? sent - first.size() : 0;
    return {first + sent, second + of_second};
}

// Calls sendfile(2). Returns the bytes sent, 0 when the socket is full, -1 when nothing more can be sent.
ssize_t send_step(int socket, FileSlice const& slice, std::uint64_t sent) {
    auto offset = static_cast<off_t>(slice.offset + sent);
    auto const wanted = static_cast<std::size_t>(std::min(slice.size_bytes - sent, send_file_step_bytes));
    for (;;) {
        auto const n = ::sendfile(socket, slice.descriptor, &offset, wanted);
        if (n > 0) return n;
        if (n == 0) return -1;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return -1;
    }
}

// How many bytes the kernel holds that the client has not acknowledged.
int untaken_bytes(Socket& socket) {
    int bytes = 0;
    return ::ioctl(socket.native_handle(), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

// Waits until the socket takes more. The kernel reports that only when a third of a buffer of megabytes is
// free, which takes a slow client long. So a deadline that passes ends the wait only when the client took
// nothing since the last.
Awaitable<error_code> writable(Socket& socket, Deadline& deadline, std::chrono::milliseconds stall) {
    error_code ec;
    auto token = net::redirect_error(use_awaitable, ec);
    for (int left = untaken_bytes(socket);;) {
        deadline.set_after(stall);
        co_await socket.async_wait(Socket::wait_write, token);
        if (!ec || !deadline.expired()) co_return ec;
        int const before = std::exchange(left, untaken_bytes(socket));
        if (left >= before) co_return ec;
    }
}

std::string peer_address_of(Socket const& socket) {
    error_code ec;
    auto const address = socket.remote_endpoint(ec).address();
    if (ec) return {};
    if (address.is_v4()) return address.to_string();
    auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) return net::ip::make_address_v4(net::ip::v4_mapped, v6).to_string();
    v6.scope_id(0);  // it names an interface of this machine, not the client
    return v6.to_string();
}

}  // namespace

Connection::Connection(Socket socket)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor(), [this] { interrupt(); }),
      peer_address_(peer_address_of(socket_)) {
    error_code ignored;  // when the client has gone already, the first read notices
    socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

Awaitable<std::size_t> Connection::read_some(beast::flat_buffer& buffer, std::size_t bytes_max) {
    // The deadline may have passed while nothing waited for the socket.
    if (deadline_.expired()) co_return 0;
    auto const target = buffer.prepare(bytes_max);
    error_code ec;
    auto token = net::redirect_error(use_awaitable, ec);
    std::size_t const n = co_await socket_.async_read_some(target, token);
    if (ec || deadline_.expired()) co_return 0;
    buffer.commit(n);
    co_return n;
}

Awaitable<std::size_t> Connection::write(net::const_buffer first, net::const_buffer second,
                                         std::chrono::milliseconds stall) {
    auto const total = first.size() + second.size();
    error_code ec;
    std::size_t sent = 0;
    // Most replies fit into the socket's buffer, so that the first write is the only one.
    while (!ec) {
        auto const rest = rest_of(first, second, sent);
        sent += socket_.write_some(rest, ec);
        if (sent == total) break;
        if (ec && ec != net::error::would_block && ec != net::error::try_again) break;
        ec = co_await writable(socket_, deadline_, stall);
    }
    co_return sent;
}

Awaitable<std::uint64_t> Connection::send_file(FileSlice slice, std::chrono::milliseconds stall) {
    error_code ec;
    std::uint64_t sent = 0;
    while (!ec && sent < slice.size_bytes) {
        auto const n = send_step(socket_.native_handle(), slice, sent);
        if (n < 0) break;
        sent += static_cast<std::uint64_t>(n);
        if (sent == slice.size_bytes) break;
        ec = co_await writable(socket_, deadline_, stall);
    }
    co_return sent;
}

Awaitable<void> Connection::pause_until(SteadyClock::time_point when) {
    if (hurried_ || when <= SteadyClock::now()) co_return;
    // The last write may have left a deadline, but the client does not cause this wait.
    deadline_.clear();
    if (!pause_) pause_.emplace(socket_.get_executor());
    pause_->expires_at(when);
    error_code ec;
    auto token = net::redirect_error(use_awaitable, ec);
    co_await pause_->async_wait(token);
}

void Connection::hurry() {
    hurried_ = true;
    if (pause_) pause_->cancel();
}

bool Connection::has_unread() {
    error_code ec;
    return socket_.available(ec) > 0 && !ec;
}

void Connection::interrupt() {
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::shutdown_send() {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void Connection::close() {
    deadline_.clear();
    hurry();
    error_code ignored;
    socket_.close(ignored);
}

void Connection::reset() {
    error_code ignored;
    socket_.set_option(Socket::linger(true, 0), ignored);
    close();
}

}  // namespace firn::http
