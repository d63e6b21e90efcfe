// As much of TCP and HTTP/1.1 as the benchmark's programs need: blocking, and failing with an exception.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace bench {

[[noreturn]] inline void fail(char const* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The value of a field in the head of a message; empty if it has none.
inline std::string field(std::string const& head, std::string_view name) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    auto const same = [lower](char a, char b) { return lower(a) == lower(b); };
    auto const key = "\r\n" + std::string(name) + ":";
    auto at = std::search(head.begin(), head.end(), key.begin(), key.end(), same);
    if (at == head.end()) return {};
    at = std::find_if(at + static_cast<std::ptrdiff_t>(key.size()), head.end(),
                      [](char c) { return c != ' '; });
    return {at, std::find(at, head.end(), '\r')};
}

class Connection {
public:
    explicit Connection(int socket) : socket_(socket) {
        int const on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    static Connection to(std::uint16_t port) {
        Connection connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        auto const address = loopback(port);
        if (connect(connection.socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
            fail("connect");
        return connection;
    }
    Connection(Connection&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    Connection& operator=(Connection&&) = delete;
    ~Connection() {
        if (socket_ >= 0) close(socket_);
    }

    void send(std::span<char const> bytes) {
        while (!bytes.empty()) {
            auto const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) fail("send");
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    }
    // Fills `bytes`; false at the end of the connection.
    bool receive(std::span<char> bytes) {
        while (!bytes.empty()) {
            auto const received = recv(socket_, bytes.data(), bytes.size(), MSG_WAITALL);
            if (received < 0) fail("recv");
            if (received == 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(received));
        }
        return true;
    }
    // A head with the empty line at its end, and not a byte of what follows; empty at the end of the
    // connection.
    std::string receive_head() {
        std::string head;
        for (;;) {
            char peeked[4096];
            auto const count = recv(socket_, peeked, sizeof peeked, MSG_PEEK);
            if (count < 0) fail("recv");
            if (count == 0) return {};
            auto const known = head.size();
            head.append(peeked, static_cast<std::size_t>(count));
            auto const end = head.find("\r\n\r\n");
            if (end != std::string::npos) head.resize(end + 4);
            receive(std::span(peeked, head.size() - known));
            if (end != std::string::npos) return head;
        }
    }

private:
    int socket_;
};

}  // namespace bench
