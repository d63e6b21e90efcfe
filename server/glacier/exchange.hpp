// One Glacier request from its head to its reply.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/glacier/execution.hpp"

namespace firn::glacier {

// What the client is told when the HTTP layer refuses its request.
ServiceError error_of(http::Refusal why);

class Exchange : public http::Exchange {
public:
    // `number`: of all requests since the start. Never throws: what is wrong with the head becomes the
    // answer.
    Exchange(Services const& services, std::uint64_t number, std::string request_id, http::RequestHead head);
    ~Exchange() override;

    bool wants_body() const override { return !refusal_; }
    std::uint64_t body_limit_bytes() const override;
    bool receive(std::span<std::byte const> piece) override;
    void finish(Reply reply) override;
    http::Response refuse(http::Refusal why) override;
    void replied(std::uint64_t body_bytes, bool whole) override;

private:
    void prepare();
    void check_version() const;
    storage::Owner identify(http::Target const& target) const;
    void take_fault();
    void keep(std::span<std::byte const> piece);

    std::shared_ptr<Execution> execution_;
    std::optional<ServiceError> refusal_;
    bool finished_ = false;  // the answer is being made
};

}  // namespace firn::glacier
