// The bridge from Exchange::finish(), whose reply may come at once or later and on any thread, to the
// coroutine that waits for it. Ordinary functions: the compiler must not see a closure and a co_await in one
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
    // `wakeup` is a timer of the waiting connection; it is cancelled on its strand when the reply comes.
    explicit PendingReply(Timer& wakeup) : wakeup_(&wakeup) {}

    // For finish(); to be asked for once. If it is destroyed uncalled, the reply counts as come and empty.
    Exchange::Reply callback();

    // Whether the coroutine has to wait for the wakeup timer. On the strand.
    bool must_wait();
    // The reply; nothing when it has not come or never will. On the strand.
    std::optional<Response> take();

    // The wakeup timer is about to be destroyed. On the strand.
    void detach();
    // Nobody waits any more, yet whoever works on the reply may still use the exchange: it stays until he is
    // done.
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
