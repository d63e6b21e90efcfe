// The client of the command line for the control surface of a running firn. Each request uses a new
// connection.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace firn::cli {

// Thrown when the server does not answer or refuses. what() is for people.
struct ControlError : std::runtime_error {
    explicit ControlError(std::string const& what, std::optional<unsigned> answer_status = {})
        : std::runtime_error(what), status(answer_status) {}

    std::optional<unsigned> status;  // of the answer; nothing when there is none, or it is no refusal
};

// Texts are not encoded; the client does that.
struct ControlRequest {
    std::string method;
    std::vector<std::string> path;  // segments below /_firn
    std::vector<std::pair<std::string, std::string>> query;
    std::string body;  // JSON; empty: none
};

class ControlClient {
public:
    // `endpoint` is a URL like http://127.0.0.1:4522. A GET waits for at most `patience`; other requests wait
    // without limit, because moving the clock by a year can take long.
    explicit ControlClient(std::string endpoint, std::chrono::seconds patience = std::chrono::seconds(30));

    // These throw ControlError for any answer that is not a success.

    // Returns the body of the answer.
    std::string send(ControlRequest const& request) const;
    // Sends the bytes of `file` as the body, without loading the whole file. Returns the body of the answer.
    std::string upload(ControlRequest const& request, std::filesystem::path const& file) const;
    // Stores the body of the answer as `file`, which appears only when it is complete. Returns its size in
    // bytes.
    std::uint64_t download(ControlRequest const& request, std::filesystem::path const& file) const;

private:
    std::string endpoint_;
    std::chrono::seconds patience_;
};

}  // namespace firn::cli
