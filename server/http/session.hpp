// One connection from its first byte to its last: reads requests, calls the Handler, writes replies. The
// coroutines of this program are here, in connection and in the two writers of replies. GCC 12 miscompiles
// some of them: write one co_await in a statement, bind its result to a name, and name its arguments before.
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

// Runs on the strand of its socket; the public functions may be called from any thread. Handler and Limits
// must outlive it.
class Session : public std::enable_shared_from_this<Session> {
public:
    enum class Task { serve, turn_away };  // turn_away: answer too_many_connections, then close
    using Ended = std::function<void()>;

    Session(Socket socket, Handler& handler, Limits const& limits);
    ~Session() = default;
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    // Calls `ended` once, on an I/O thread, when the connection has ended.
    void start(Task task, Ended ended);
    // Closes at once when no request runs, otherwise after the reply to it. A reply that is slow on purpose
    // continues at full speed.
    void stop();
    // Closes at once.
    void abort();

private:
    enum class HeadEnd { complete, gone, late, malformed, too_large };
    enum class BodyEnd { complete, unwanted, gone, late, malformed, too_large };
    // What happens with the connection after the reply.
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
    std::size_t body_bytes_wanted() const;
    After settle(GuardedExchange const& exchange, BodyEnd end, bool owes_continue) const;
    bool rest_is_small(bool owes_continue) const;
    SteadyClock::time_point body_deadline(SteadyClock::time_point start, std::uint64_t received_bytes) const;

    Handler& handler_;
    Limits const& limits_;
    Connection connection_;
    Timer wakeup_;  // cancelled to wake the coroutine that waits for a reply
    beast::flat_buffer buffer_;
    std::optional<RequestParser> parser_;
    bool idle_ = false;      // no request is lost when the connection closes now
    bool stopping_ = false;  // the current request is the last
    bool aborted_ = false;
};

}  // namespace firn::http
