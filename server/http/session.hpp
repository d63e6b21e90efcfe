// One connection from its first byte to its last: reads requests, drives the Handler, writes replies. The
// coroutines of this program are here and in the files below (connection, reply_writer). Mind GCC 12: one
// co_await a statement, bound to a name, its arguments named before.
#pragma once

#include <memory>
#include <optional>

#include "server/http/connection.hpp"
#include "server/http/guarded_exchange.hpp"
#include "server/http/handler.hpp"
#include "server/http/limits.hpp"
#include "server/http/reply_writer.hpp"
#include "server/http/request_parser.hpp"

namespace firn::http {

// Lives on the strand of its socket; the public functions may be called from any thread. Handler and Limits
// outlive it.
class Session : public std::enable_shared_from_this<Session> {
public:
    enum class Task { serve, turn_away };  // turn_away: answer too_many_connections and close
    using Ended = std::function<void()>;

    Session(Socket socket, Handler& handler, Limits const& limits);
    ~Session() = default;
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    // `ended` is called once, on an I/O thread, when nothing of the connection is left.
    void start(Task task, Ended ended);
    // Closes at once where no request runs, after the running one's reply otherwise. A reply that is slow on
    // purpose is so no longer.
    void stop();
    // Closes at once.
    void abort();

private:
    enum class HeadEnd { complete, gone, late, malformed, too_large };
    enum class BodyEnd { complete, unwanted, gone, late, malformed, too_large };
    // What has to happen with the connection once the reply has left.
    enum class After { next_request, drop_body, linger };

    static Awaitable<void> run(std::shared_ptr<Session> self, Task task);
    Awaitable<void> serve_all();
    Awaitable<HeadEnd> read_head();
    Awaitable<bool> serve_one();
    Awaitable<BodyEnd> read_body(GuardedExchange& exchange, bool& owes_continue);
    Awaitable<Response> answer(GuardedExchange& exchange, BodyEnd end);
    Awaitable<Response> finish(GuardedExchange& exchange);
    Awaitable<Sent> send(Response& response, bool close);
    Awaitable<void> refuse_and_close(Refusal why);
    Awaitable<bool> drop_body(SteadyClock::duration wait);
    Awaitable<void> linger();

    RequestHead take_head();
    static std::optional<Refusal> refusal_of(BodyEnd end);
    std::optional<HeadEnd> parse_head();
    std::optional<BodyEnd> parse_body(GuardedExchange& exchange);
    std::size_t body_room() const;
    After settle(GuardedExchange const& exchange, BodyEnd end, bool owes_continue) const;
    bool rest_is_small(bool owes_continue) const;
    SteadyClock::time_point body_deadline(SteadyClock::time_point start, std::uint64_t received_bytes) const;

    Handler& handler_;
    Limits const& limits_;
    Connection connection_;
    Timer wakeup_;  // cancelled to wake the coroutine that waits for a reply
    beast::flat_buffer buffer_;
    std::optional<RequestParser> parser_;
    bool idle_ = false;      // nothing is lost by closing now
    bool stopping_ = false;  // this request is the last
    bool aborted_ = false;
};

}  // namespace firn::http
