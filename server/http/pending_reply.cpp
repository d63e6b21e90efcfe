#include "server/http/pending_reply.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace firn::http {

// Shared by the copies of one callback, so that the end of the last copy shows that no copy was called.
struct ReplyTicket {
    explicit ReplyTicket(std::shared_ptr<PendingReply> of) : reply(std::move(of)) {}
    ~ReplyTicket() { reply->deliver(std::nullopt); }
    ReplyTicket(ReplyTicket const&) = delete;
    ReplyTicket& operator=(ReplyTicket const&) = delete;

    void call(Response response) { reply->deliver(std::move(response)); }

    std::shared_ptr<PendingReply> reply;
};

Exchange::Reply PendingReply::callback() {
    auto ticket = std::make_shared<ReplyTicket>(shared_from_this());
    return [ticket = std::move(ticket)](Response response) {
        // A copy of the pointer: the call may destroy the exchange, and with it this closure.
        std::shared_ptr(ticket)->call(std::move(response));
    };
}

bool PendingReply::must_wait() {
    std::lock_guard const lock(mutex_);
    awaited_ = !arrived_;
    return awaited_;
}

std::optional<Response> PendingReply::take() {
    std::lock_guard const lock(mutex_);
    return std::exchange(response_, std::nullopt);
}

void PendingReply::detach() {
    std::lock_guard const lock(mutex_);
    wakeup_ = nullptr;
}

void PendingReply::keep_until_reply(std::unique_ptr<Exchange> exchange) {
    std::unique_ptr<Exchange> finished;  // destroyed after the lock is released
    std::lock_guard const lock(mutex_);
    if (arrived_) {
        finished = std::move(exchange);
    } else {
        exchange_ = std::move(exchange);
    }
}

void PendingReply::deliver(std::optional<Response> response) {
    std::unique_ptr<Exchange> finished;
    std::lock_guard const lock(mutex_);
    if (arrived_) return;
    arrived_ = true;
    finished = std::move(exchange_);
    if (!wakeup_) return;
    response_ = std::move(response);
    // Under the lock, so that detach(), after which the timer and its event loop are destroyed, waits.
    if (awaited_) net::post(wakeup_->get_executor(), [self = shared_from_this()] { self->wake(); });
}

void PendingReply::wake() {
    std::lock_guard const lock(mutex_);
    if (wakeup_) wakeup_->cancel();
}

}  // namespace firn::http
