// What a command of the command line has while it runs: the server, and a way to say what came of it.
#pragma once

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

    // The JSON of the answer; null when it has no body. An empty `body` is not sent.
    Json ask(std::string method, std::vector<std::string> path, Json const& body = Json::object()) const;

    // With --json the answer as it is, else what `describe` makes of it: whole lines.
    void show(Json const& answer, std::function<std::string(Json const&)> const& describe) const;
    // Where the server answers without JSON: a line for people, nothing with --json.
    void say(std::string const& line) const;

    ControlClient const client;

private:
    std::string endpoint_;
    bool as_json_;
    std::ostream& output_;
};

// Throws ControlError when it is none.
Json parse_answer(std::string const& text);

}  // namespace firn::cli
