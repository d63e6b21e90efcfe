#include "server/http/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "server/http/pending_reply.hpp"

namespace firn::http {

namespace {

// When no more than this is left of a refused body, the rest is read before the reply and the connection
// stays open.
constexpr std::uint64_t small_rest_bytes = 64 << 10;

// Detaches in the destructor, because the event loop may destroy the coroutine while it waits.
struct Attached {
    explicit Attached(Timer& wakeup) : reply(std::make_shared<PendingReply>(wakeup)) {}
    ~Attached() { reply->detach(); }
    Attached(Attached const&) = delete;
    Attached& operator=(Attached const&) = delete;

    std::shared_ptr<PendingReply> const reply;
};

}  // namespace

Session::Session(Socket socket, Handler& handler, Limits const& limits)
    : handler_(handler),
      limits_(limits),
      connection_(std::move(socket)),
      wakeup_(connection_.executor(), Timer::time_point::max()) {}

void Session::start(Task task, Ended ended) {
    auto self = shared_from_this();
    connection_.watch(self);
    auto on_end = [self, ended = std::move(ended)](std::exception_ptr) mutable {
        self.reset();
        ended();
    };
    net::co_spawn(connection_.executor(), run(std::move(self), task), std::move(on_end));
}

void Session::stop() {
    net::post(connection_.executor(), [self = shared_from_this()] {
        self->stopping_ = true;
        self->connection_.hurry();
        if (self->idle_) self->connection_.interrupt();
    });
}

void Session::abort() {
    net::post(connection_.executor(), [self = shared_from_this()] {
        self->stopping_ = true;
        self->aborted_ = true;
        self->connection_.close();
        self->wakeup_.cancel();
    });
}

Awaitable<void> Session::run(std::shared_ptr<Session> self, Task task) {
    if (task == Task::serve) {
        co_await self->serve_all();
    } else {
        co_await self->refuse_and_close(Refusal::too_many_connections);
    }
    self->connection_.close();
}

Awaitable<void> Session::serve_all() {
    for (bool again = true; again;) {
        HeadEnd const end = co_await read_head();
        again = false;
        switch (end) {
            case HeadEnd::complete:
                again = co_await serve_one();
                break;
            case HeadEnd::gone:
                break;
            case HeadEnd::late:
                co_await refuse_and_close(Refusal::request_timeout);
                break;
            case HeadEnd::malformed:
                co_await refuse_and_close(Refusal::malformed_request);
                break;
            case HeadEnd::too_large:
                co_await refuse_and_close(Refusal::header_too_large);
                break;
        }
    }
}

// False when the connection cannot serve another request.
Awaitable<bool> Session::serve_one() {
    connection_.deadline().clear();
    GuardedExchange exchange(handler_, take_head());
    bool owes_continue = parser_->expects_continue() && !parser_->done();
    BodyEnd end = BodyEnd::unwanted;
    if (exchange.wants_body()) {
        end = co_await read_body(exchange, owes_continue);
    }
    connection_.deadline().clear();
    if (end == BodyEnd::gone) co_return false;
    Response response = co_await answer(exchange, end);
    if (aborted_) co_return false;

    After after = settle(exchange, end, owes_continue);
    bool const reset = response.fault && response.fault->reset;
    if (!reset && after != After::linger && !parser_->done() && rest_is_small(owes_continue)) {
        bool const dropped = co_await drop_body(limits_.body_timeout);
        if (!dropped) after = After::linger;
    }
    bool close = after != After::next_request || !parser_->keep_alive() || exchange.broken() || stopping_;
    Sent const sent = co_await send(response, close);
    exchange.replied(sent);
    // The body and the exchange hold files and views of the store. Release them now: the steps below may take
    // long.
    response.body = std::string();
    exchange.release().reset();
    if (!sent.whole && !sent.cut) co_return false;

    close = close || sent.cut;
    if (close && after == After::drop_body && !parser_->done()) {
        co_await drop_body(limits_.drain_timeout);
    }
    bool const unread = close && (buffer_.size() > 0 || connection_.has_unread());
    if (unread || (close && after == After::linger)) {
        co_await linger();
    }
    co_return !close;
}

RequestHead Session::take_head() {
    RequestHead head = parser_->take_head();
    head.peer_address = connection_.peer_address();
    return head;
}

std::optional<Refusal> Session::refusal_of(BodyEnd end) {
    switch (end) {
        case BodyEnd::late:
            return Refusal::request_timeout;
        case BodyEnd::malformed:
            return Refusal::malformed_request;
        case BodyEnd::too_large:
            return Refusal::body_too_large;
        case BodyEnd::complete:
        case BodyEnd::unwanted:
        case BodyEnd::gone:
            break;
    }
    return std::nullopt;
}

// What to do with the part of the body that was not read.
Session::After Session::settle(GuardedExchange const& exchange, BodyEnd end, bool owes_continue) const {
    bool const refused = refusal_of(end).has_value();
    if (end == BodyEnd::late || end == BodyEnd::malformed) return After::linger;
    if (!parser_->done() && owes_continue) return After::linger;
    if (!parser_->done() && !rest_is_small(owes_continue)) return After::drop_body;
    return refused || exchange.broken() ? After::drop_body : After::next_request;
}

bool Session::rest_is_small(bool owes_continue) const {
    auto const rest = parser_->remaining_bytes();
    return !owes_continue && rest && *rest <= small_rest_bytes;
}

Awaitable<Response> Session::answer(GuardedExchange& exchange, BodyEnd end) {
    auto const refused = refusal_of(end);
    if (refused) co_return exchange.refuse(*refused);
    Response response = co_await finish(exchange);
    co_return std::move(response);
}

Awaitable<Response> Session::finish(GuardedExchange& exchange) {
    if (exchange.broken()) co_return plain_failure();
    Attached const pending(wakeup_);
    if (!exchange.finish(pending.reply->callback())) co_return plain_failure();
    while (!aborted_ && pending.reply->must_wait()) {
        error_code ec;
        auto token = net::redirect_error(use_awaitable, ec);
        co_await wakeup_.async_wait(token);
    }
    auto response = pending.reply->take();
    if (response) co_return std::move(*response);
    if (aborted_) pending.reply->keep_until_reply(exchange.release());
    co_return plain_failure();
}

Awaitable<Sent> Session::send(Response& response, bool close) {
    ReplyManner manner;
    manner.to_head = parser_->is_head_request();
    manner.to_http_1_0 = parser_->http_1_0();
    manner.close = close;
    Sent const sent = co_await write_reply(connection_, response, manner, limits_.write_timeout);
    co_return sent;
}

Awaitable<void> Session::refuse_and_close(Refusal why) {
    Response response = refusal(handler_, why);
    ReplyManner manner;
    manner.close = true;
    Sent const sent = co_await write_reply(connection_, response, manner, limits_.write_timeout);
    if (sent.whole || sent.cut) {
        co_await linger();
    }
}

}  // namespace firn::http
