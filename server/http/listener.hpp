// The door: accepts connections, counts them, and closes them all when told to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/http/handler.hpp"
#include "server/http/limits.hpp"

namespace boost::asio {
class io_context;
}

namespace firn::http {

// Accepts on the first context and hands connections to all of them in turn; each connection keeps to its own
// strand. One context for each thread is fastest: threads that share one wake each other for every event. All
// functions but the constructor, open() and port() may be called from any thread. The contexts and the
// handler outlive the listener and, unless stop() has reported, also its connections, which end with their
// context.
class Listener {
public:
    using Contexts = std::vector<std::reference_wrapper<boost::asio::io_context>>;

    Listener(Contexts contexts, Handler& handler, Limits const& limits);
    ~Listener();
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    // Binds and listens. `host` is an address ("127.0.0.1", "::", "[::1]") or a name; port 0 picks a free
    // one. Throws std::system_error that names host and port.
    void open(std::string const& host, std::uint16_t port);
    // The bound port.
    std::uint16_t port() const;

    // Begins to accept. The process ignores SIGPIPE from here on: sendfile(2) knows no other way.
    void start();

    // Accepts no more, closes idle connections at once, lets running requests finish for
    // Limits::stop_timeout, then closes the rest. `done` is called once, on a thread of the context, when no
    // connection is left.
    void stop(std::function<void()> done);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace firn::http
