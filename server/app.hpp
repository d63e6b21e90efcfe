// The whole server as one object: for the program, for tests that run it in their own process, and for
// embedding it in another C++ program.
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
    // Stops the server if it runs.
    ~App();

    // Opens the store, applies the seed file to an empty one, and serves; returns when everything is done
    // that came due since the last run. Throws std::runtime_error with one line that says why it cannot: for
    // example, another firn uses the data directory, a newer firn wrote it, or the port is taken. From here
    // on the process ignores SIGPIPE.
    void start();
    // The port that the server listens on. Valid after start().
    std::uint16_t port() const;
    // Accepts no more connections, waits for running requests for at most Limits::stop_timeout, and closes
    // the store.
    void stop();

    time::Clock& clock() { return clock_; }
    // Returns when everything that is due by the clock is done; call it after moving the clock. Throws
    // std::runtime_error when something could not be done (a full disk): the log says what, and it is tried
    // again.
    void settle();

private:
    struct Running;

    Config const config_;
    time::Clock clock_;
    std::unique_ptr<Running> running_;
};

}  // namespace firn
