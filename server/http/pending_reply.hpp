// The bridge from Exchange::finish(), whose reply may come at once or later and on any thread, to the
// coroutine that waits for it. Ordinary functions, because GCC 12 miscompiles a closure and a co_await in one
// statement.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "server/http/handler.hpp"
#include "server/http/net.hpp"

namespace firn::http {

class PendingReply : public std::enable_shared_from_this<PendingReply> {
public:
    // `wakeup` is a timer of the waiting connection. When the reply comes, the timer is cancelled on its
    // strand.
    explicit PendingReply(Timer& wakeup) : wakeup_(&wakeup) {}

    // The callback for finish(); call this once. A callback that is destroyed without a call counts as an
    // empty reply.
    Exchange::Reply callback();

    // Whether the coroutine must wait for the wakeup timer. Called on the strand.
    bool must_wait();
    // The reply; nothing when it has not come or never will. Called on the strand.
    std::optional<Response> take();

    // Must be called before the wakeup timer is destroyed, on the strand.
    void detach();
    // For a connection that has ended: keeps the exchange until the reply comes, because the work on the
    // reply may still use it.
    void keep_until_reply(std::unique_ptr<Exchange> exchange);

private:
    void deliver(std::optional<Response> response);
    void wake();

    std::mutex mutex_;  // guards all of the following
    Timer* wakeup_;
    bool arrived_ = false;
    bool awaited_ = false;
    std::optional<Response> response_;
    std::unique_ptr<Exchange> exchange_;

    friend struct ReplyTicket;
};

}  // namespace firn::http
