// An HTTP/1.1 client that waits for what it does: one connection, one request, one response. For the command
// line.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "server/http/message.hpp"

namespace firn::http {

// The server cannot be reached, or the connection broke. what() gives the reason, without the address.
class ClientError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct ClientRequest {
    std::string method;
    std::string target;  // path and query, percent-encoded
    Fields fields;       // Host, Content-Length and Connection are added
    std::string body;
    std::filesystem::path body_file = {};  // sent instead of `body`, read piece by piece; empty: none
};

// Used by one thread, for one request.
class Client {
public:
    // `url`: http://HOST or http://HOST:PORT, whose host is resolved and connected to at once. `timeout`: for
    // each step after that; without it a step takes as long as it takes. Throws ClientError, and
    // std::invalid_argument for anything else than such a URL.
    Client(std::string const& url, std::optional<std::chrono::milliseconds> timeout);
    ~Client();
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    // Sends the request and reads the head of the response; returns its status. Throws ClientError, and
    // std::system_error when the body's file cannot be opened.
    unsigned send(ClientRequest const& request);

    // Then one of the two. The body of the response, in memory. Throws ClientError.
    std::string read_text();
    // Writes the body to a file, in place of the one that may be there. Throws ClientError; what was written
    // stays.
    void read_into(std::filesystem::path const& file);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace firn::http
