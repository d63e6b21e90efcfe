// The whole server as one object: what the program runs, tests start in their own process, and a C++ user
// embeds.
//
//     firn::Config config;
//     config.port = 0;
//     config.in_memory = true;
//     firn::App app(config);
//     app.start();
//     use("http://127.0.0.1:" + std::to_string(app.port()));
#pragma once

#include <cstdint>
#include <memory>

#include "server/config.hpp"
#include "server/time/clock.hpp"

namespace firn {

class App {
public:
    explicit App(Config config);
    // Stops.
    ~App();

    // Opens the store and serves. Throws std::runtime_error with one line that says why it cannot: the data
    // directory is held by another firn or of a newer one, the port is taken. The process ignores SIGPIPE
    // from here on.
    void start();
    // The port it listens on, after start().
    std::uint16_t port() const;
    // Takes no more connections, finishes the requests that run (at most Limits::stop_timeout), closes the
    // store.
    void stop();

    time::Clock& clock() { return clock_; }
    // Returns when everything that is due by the clock is done. For use after the clock was moved.
    void settle();

private:
    struct Running;

    Config const config_;
    time::Clock clock_;
    std::unique_ptr<Running> running_;
};

}  // namespace firn
