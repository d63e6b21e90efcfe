// What a running command works with: the client of the server, and the output.
#pragma once

#include <exception>
#include <functional>
#include <ostream>
#include <string>

#include "server/cli/control_client.hpp"
#include "server/cli/table.hpp"

namespace firn::cli {

class Session {
public:
    Session(std::string endpoint, bool as_json, std::ostream& output)
        : client(endpoint), endpoint_(std::move(endpoint)), as_json_(as_json), output_(output) {}

    std::string const& endpoint() const { return endpoint_; }
    bool as_json() const { return as_json_; }
    std::ostream& output() const { return output_; }

    // Sends a request and returns the JSON of the answer, null for an empty answer. An empty `body` is not
    // sent. Throws ControlError.
    Json ask(std::string method, std::vector<std::string> path, Json const& body = Json::object()) const;

    // Prints the answer: with --json as it is, otherwise as the lines that `describe` returns.
    void show(Json const& answer, std::function<std::string(Json const&)> const& describe) const;
    // Prints a line for an answer without JSON; nothing with --json.
    void say(std::string const& line) const;

    ControlClient const client;

private:
    std::string endpoint_;
    bool as_json_;
    std::ostream& output_;
};

// Prints why a command failed: a line, or with `as_json` an object with the members error and status. The
// status is that of the server's answer, null when the server was not asked or did not answer.
void print_error(std::ostream& output, std::exception const& error, bool as_json);

// The JSON of an answer, null for an empty one. Throws ControlError when it is not JSON.
Json parse_answer(std::string const& text);

}  // namespace firn::cli
