#include "server/http/guarded_exchange.hpp"

#include <utility>

namespace firn::http {

Response plain_failure() {
    Response response;
    response.status = 500;
    return response;
}

Response refusal(Handler& handler, Refusal why) noexcept {
    try {
        return handler.refuse(why);
    } catch (...) {
        return plain_failure();
    }
}

GuardedExchange::GuardedExchange(Handler& handler, RequestHead head) noexcept
    : announced_bytes_(head.content_length) {
    try {
        exchange_ = handler.begin(std::move(head));
    } catch (...) {
    }
    broken_ = !exchange_;
}

bool GuardedExchange::wants_body() noexcept {
    if (broken_) return false;
    try {
        if (!exchange_->wants_body()) return false;
        body_limit_bytes_ = exchange_->body_limit_bytes();
        return true;
    } catch (...) {
        broken_ = true;
        return false;
    }
}

bool GuardedExchange::receive(std::span<std::byte const> piece) noexcept {
    received_bytes_ += piece.size();
    try {
        return exchange_->receive(piece);
    } catch (...) {
        broken_ = true;
        return false;
    }
}

bool GuardedExchange::finish(Exchange::Reply reply) noexcept {
    try {
        exchange_->finish(std::move(reply));
        return true;
    } catch (...) {
        broken_ = true;
        return false;
    }
}

Response GuardedExchange::refuse(Refusal why) noexcept {
    try {
        return exchange_->refuse(why);
    } catch (...) {
        broken_ = true;
        return plain_failure();
    }
}

void GuardedExchange::replied(Sent sent) noexcept {
    if (!exchange_) return;
    try {
        exchange_->replied(sent.body_bytes, sent.whole);
    } catch (...) {
    }
}

}  // namespace firn::http
