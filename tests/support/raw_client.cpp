#include "tests/support/raw_client.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "tests/support/patience.hpp"

namespace firn::test {

namespace {

[[noreturn]] void fail(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), "raw client: " + what);
}

bool same_name(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool has_field(RawFields const& fields, std::string_view name) {
    return std::ranges::any_of(fields, [&](auto const& field) { return same_name(field.first, name); });
}

RawReply parse_head(std::string_view head) {
    RawReply reply;
    auto const line_end = head.find("\r\n");
    auto const line = head.substr(0, line_end);
    if (!line.starts_with("HTTP/1.1 ") || line.size() < 12) {
        throw std::runtime_error("raw client: not a status line: " + std::string(line));
    }
    reply.status = static_cast<unsigned>(std::stoul(std::string(line.substr(9, 3))));
    if (line.size() > 13) reply.reason = line.substr(13);
    for (auto rest = head.substr(line_end + 2); !rest.empty();) {
        auto const end = rest.find("\r\n");
        auto const field = rest.substr(0, end);
        auto const colon = field.find(": ");
        if (colon == std::string_view::npos) {
            throw std::runtime_error("raw client: not a field: " + std::string(field));
        }
        reply.fields.emplace_back(field.substr(0, colon), field.substr(colon + 2));
        rest.remove_prefix(end + 2);
    }
    return reply;
}

}  // namespace

std::optional<std::string> RawReply::field(std::string_view name) const {
    for (auto const& [key, value] : fields) {
        if (same_name(key, name)) return value;
    }
    return std::nullopt;
}

RawClient::RawClient(std::uint16_t port, std::string const& host, std::chrono::milliseconds timeout) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
        throw std::runtime_error("raw client: not an address: " + host);
    }
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const address(found, &::freeaddrinfo);
    socket_ = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) fail("socket");
    auto const patience = patient(timeout);
    timeval wait{};
    wait.tv_sec = patience.count() / 1000;
    wait.tv_usec = patience.count() % 1000 * 1000;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    int const on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, address->ai_addr, address->ai_addrlen) < 0) {
        ::close(socket_);
        fail("connect");
    }
}

RawClient::~RawClient() {
    close();
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

RawReply RawClient::request(std::string_view method, std::string_view target, RawFields const& fields,
                            std::string_view body) {
    std::string bytes;
    bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
    if (!has_field(fields, "Host")) bytes += "Host: localhost\r\n";
    bool const tells_length = has_field(fields, "Content-Length") || has_field(fields, "Transfer-Encoding");
    if (!tells_length && (!body.empty() || method == "POST" || method == "PUT")) {
        bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    for (auto const& [name, value] : fields) bytes += name + ": " + value + "\r\n";
    bytes.append("\r\n").append(body);
    send(bytes);
    auto reply = read_reply(method == "HEAD");
    while (reply.status == 100) reply = read_reply(method == "HEAD");
    return reply;
}

void RawClient::send(std::string_view bytes) {
    if (!try_send(bytes)) fail("send");
}

bool RawClient::try_send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

RawReply RawClient::read_reply(bool to_head) {
    auto end = buffer_.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (!fill()) throw std::runtime_error("raw client: closed before a whole reply: " + buffer_);
        end = buffer_.find("\r\n\r\n");
    }
    auto reply = parse_head(std::string_view(buffer_).substr(0, end + 2));
    buffer_.erase(0, end + 4);
    auto const length = reply.field("Content-Length");
    if (to_head || !length) return reply;
    auto const size = std::stoull(*length);
    while (buffer_.size() < size) {
        if (!fill()) throw std::runtime_error("raw client: body cut short");
    }
    reply.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return reply;
}

std::string RawClient::read_to_end() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

bool RawClient::closed() {
    if (!buffer_.empty()) return false;
    try {
        return !fill();
    } catch (std::system_error const& error) {
        return error.code() == std::errc::connection_reset;
    }
}

std::string RawClient::read_some(std::size_t most) {
    if (buffer_.empty()) fill();
    auto some = buffer_.substr(0, most);
    buffer_.erase(0, some.size());
    return some;
}

void RawClient::shutdown_send() {
    ::shutdown(socket_, SHUT_WR);
}

void RawClient::reset() {
    linger const at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void RawClient::close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

bool RawClient::fill() {
    char bytes[64 << 10];
    for (;;) {
        auto const n = ::recv(socket_, bytes, sizeof bytes, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail("receive");
        buffer_.append(bytes, static_cast<std::size_t>(n));
        return n > 0;
    }
}

}  // namespace firn::test
