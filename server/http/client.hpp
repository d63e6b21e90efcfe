// A blocking HTTP/1.1 client for the command line: one connection, one request, one response.
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
    std::filesystem::path body_file = {};  // if not empty, sent instead of `body`, read piece by piece
};

// Used by one thread, for one request.
class Client {
public:
    // Connects at once. `url` is http://HOST or http://HOST:PORT. `timeout` limits each later step; without
    // one a step may take any time. Throws ClientError, and std::invalid_argument for any other URL.
    Client(std::string const& url, std::optional<std::chrono::milliseconds> timeout);
    ~Client();
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    // Sends the request and reads the head of the response; returns its status. Throws ClientError, and
    // std::system_error when the body's file cannot be opened.
    unsigned send(ClientRequest const& request);

    // After send() one of these two.
    // Returns the body of the response. Throws ClientError.
    std::string read_text();
    // Writes the body of the response to a file and replaces a file of that name. Throws ClientError; the
    // part of the body that was written stays.
    void read_into(std::filesystem::path const& file);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace firn::http
