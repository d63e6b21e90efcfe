// Accepts connections, counts them, and closes them all on stop().
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

// Accepts on the first context and gives connections to all contexts in turn; each connection has its own
// strand. One context for each thread is fastest: threads that share a context wake each other for every
// event. start() and stop() may be called from any thread. The contexts and the handler must outlive the
// listener and, until stop() has reported, the connections too; a connection ends with its context.
class Listener {
public:
    using Contexts = std::vector<std::reference_wrapper<boost::asio::io_context>>;

    Listener(Contexts contexts, Handler& handler, Limits const& limits);
    ~Listener();
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    // Binds and listens. `host` is an address ("127.0.0.1", "::", "[::1]") or a name. Port 0 takes a free
    // port. Throws std::system_error that names host and port.
    void open(std::string const& host, std::uint16_t port);
    // The bound port.
    std::uint16_t port() const;

    // Begins to accept. From now on the process ignores SIGPIPE: sendfile(2) has no other way to suppress it.
    void start();

    // Accepts no more and closes idle connections at once. Running requests have Limits::stop_timeout to
    // finish; then their connections are closed too. Calls `done` once, on a thread of the contexts, when no
    // connection is left.
    void stop(std::function<void()> done);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace firn::http
