#include "server/http/listener.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "server/http/net.hpp"
#include "server/http/session.hpp"

namespace firn::http {

namespace {

using net::ip::tcp;
using Acceptor = net::basic_socket_acceptor<tcp, Executor>;

// The wait after a failed accept. The usual cause is that no descriptors are left, and trying again at once
// would fail again.
constexpr std::chrono::milliseconds accept_pause{100};
// How many connections above the limit get an error at the same time; further ones are closed without an
// answer.
constexpr std::size_t turned_away_max = 64;

std::vector<tcp::endpoint> resolve(net::io_context& context, std::string host, std::uint16_t port,
                                   error_code& ec) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    tcp::resolver resolver(context);
    auto const flags = tcp::resolver::passive | tcp::resolver::numeric_service;
    auto const found = resolver.resolve(host, std::to_string(port), flags, ec);
    // IPv4 first: clients of "localhost" may connect to 127.0.0.1.
    std::vector<tcp::endpoint> endpoints;
    for (auto const& entry : found) {
        auto const at = entry.endpoint().address().is_v4() ? endpoints.begin() : endpoints.end();
        endpoints.insert(at, entry.endpoint());
    }
    return endpoints;
}

void listen_on(Acceptor& acceptor, tcp::endpoint const& endpoint, error_code& ec) {
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(Acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(Acceptor::max_listen_connections, ec);
    if (ec) {
        error_code ignored;
        acceptor.close(ignored);
    }
}

void ignore_broken_pipes() {
    struct sigaction now {};
    if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

// Shared with the operations that wait. Everything except open() runs on `strand`.
struct Listener::Impl : std::enable_shared_from_this<Impl> {
    Impl(Contexts all_contexts, Handler& request_handler, Limits const& connection_limits)
        : contexts(std::move(all_contexts)),
          handler(request_handler),
          limits(connection_limits),
          strand(net::make_strand(contexts.front().get())),
          acceptor(strand),
          pause(strand),
          stop_timer(strand) {}

    void accept();
    void accepted(error_code ec, Socket socket);
    void begin(Socket socket);
    void ended(std::uint64_t id);
    void stop(std::function<void()> done);
    void report_if_done();

    struct Open {
        std::weak_ptr<Session> session;
        Session::Task task;
    };

    Contexts const contexts;
    std::size_t next_context = 0;
    Handler& handler;
    Limits const limits;
    Executor strand;
    Acceptor acceptor;
    std::uint16_t port = 0;  // written by open() alone
    Timer pause;
    Timer stop_timer;
    std::map<std::uint64_t, Open> open_sessions;
    std::uint64_t next_id = 0;
    std::size_t turned_away = 0;  // of those in open_sessions
    bool stopping = false;
    std::vector<std::function<void()>> done_calls;
};

void Listener::Impl::accept() {
    if (stopping) return;
    auto& context = contexts[next_context++ % contexts.size()].get();
    acceptor.async_accept(
        net::make_strand(context),
        [self = shared_from_this()](error_code ec, Socket socket) { self->accepted(ec, std::move(socket)); });
}

void Listener::Impl::accepted(error_code ec, Socket socket) {
    if (stopping) return;
    if (!ec) begin(std::move(socket));
    if (!ec || ec == net::error::connection_aborted) return accept();
    pause.expires_after(accept_pause);
    pause.async_wait([self = shared_from_this()](error_code) { self->accept(); });
}

void Listener::Impl::begin(Socket socket) {
    auto task = Session::Task::serve;
    if (open_sessions.size() - turned_away >= limits.connections_max) {
        if (turned_away >= turned_away_max) return;
        task = Session::Task::turn_away;
        ++turned_away;
    }
    auto const id = next_id++;
    // The session's callback keeps this object, and so the limits that the session refers to.
    auto const session = std::make_shared<Session>(std::move(socket), handler, limits);
    open_sessions.emplace(id, Open{session, task});
    session->start(
        task, [self = shared_from_this(), id] { net::post(self->strand, [self, id] { self->ended(id); }); });
}

void Listener::Impl::ended(std::uint64_t id) {
    auto const found = open_sessions.find(id);
    if (found->second.task == Session::Task::turn_away) --turned_away;
    open_sessions.erase(found);
    report_if_done();
}

void Listener::Impl::stop(std::function<void()> done) {
    done_calls.push_back(std::move(done));
    if (!stopping) {
        stopping = true;
        error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
        for (auto const& [id, open] : open_sessions) {
            if (auto const session = open.session.lock()) session->stop();
        }
        stop_timer.expires_after(limits.stop_timeout);
        stop_timer.async_wait([self = shared_from_this()](error_code ec) {
            if (ec) return;
            for (auto const& [id, open] : self->open_sessions) {
                if (auto const session = open.session.lock()) session->abort();
            }
        });
    }
    report_if_done();
}

void Listener::Impl::report_if_done() {
    if (!stopping || !open_sessions.empty()) return;
    stop_timer.cancel();
    for (auto const& done : std::exchange(done_calls, {})) {
        if (done) done();
    }
}

Listener::Listener(Contexts contexts, Handler& handler, Limits const& limits)
    : impl_(std::make_shared<Impl>(std::move(contexts), handler, limits)) {}

Listener::~Listener() = default;

void Listener::open(std::string const& host, std::uint16_t port) {
    error_code ec;
    auto const endpoints = resolve(impl_->contexts.front(), host, port, ec);
    for (auto const& endpoint : endpoints) {
        listen_on(impl_->acceptor, endpoint, ec);
        if (ec) continue;
        impl_->port = impl_->acceptor.local_endpoint().port();
        return;
    }
    if (!ec) ec = net::error::host_not_found;
    bool const bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
    auto const shown = bare_v6 ? "[" + host + "]" : host;
    throw std::system_error(ec, "cannot listen on " + shown + ":" + std::to_string(port));
}

std::uint16_t Listener::port() const {
    return impl_->port;
}

void Listener::start() {
    ignore_broken_pipes();
    net::post(impl_->strand, [impl = impl_] { impl->accept(); });
}

void Listener::stop(std::function<void()> done) {
    net::post(impl_->strand,
              [impl = impl_, done = std::move(done)]() mutable { impl->stop(std::move(done)); });
}

}  // namespace firn::http
