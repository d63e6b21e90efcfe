// The HTTP client of the command line: asks the control surface of a running firn, one connection a request.
#pragma once

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace firn::cli {

// The server is not there, or it refused. The text is for people.
struct ControlError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Texts as they are: the client encodes them.
struct ControlRequest {
    std::string method;
    std::vector<std::string> path;  // segments below /_firn
    std::vector<std::pair<std::string, std::string>> query;
    std::string body;  // JSON; empty: none
};

class ControlClient {
public:
    // Where the server listens, like http://127.0.0.1:4522. A GET is given `patience`. What changes something
    // is waited for as long as it takes: a year on the clock may be a lot of work.
    explicit ControlClient(std::string endpoint, std::chrono::seconds patience = std::chrono::seconds(30));

    // All three throw ControlError for any answer but a success.

    // The body of the answer.
    std::string send(ControlRequest const& request) const;
    // The same with the bytes of a file as the body, read from the disk piece by piece.
    std::string upload(ControlRequest const& request, std::filesystem::path const& file) const;
    // The body of the answer becomes the file, which appears when it is complete. Returns its size in bytes.
    std::uint64_t download(ControlRequest const& request, std::filesystem::path const& file) const;

private:
    std::string endpoint_;
    std::chrono::seconds patience_;
};

}  // namespace firn::cli
