// One Glacier request from its head to its reply.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "server/glacier/dispatch.hpp"
#include "server/glacier/operations.hpp"

namespace firn::glacier {

// The error as it goes over the wire, without the fields that every response has.
http::Response response_of(ServiceError const& error);
ServiceError error_of(http::Refusal why);
// Adds what every response carries.
void add_common_fields(http::Response& response, std::string const& request_id, storage::Time now);

class Exchange : public http::Exchange {
public:
    Exchange(Services const& services, std::string request_id, http::RequestHead head);

    bool wants_body() const override { return !refusal_; }
    std::uint64_t body_limit_bytes() const override;
    bool receive(std::span<std::byte const> piece) override;
    void finish(Reply reply) override;
    http::Response refuse(http::Refusal why) override;
    void replied(std::uint64_t body_bytes, bool whole) override;

private:
    // What outlives the exchange when its connection goes while the store still works for it.
    struct Call;

    void prepare();
    void check_version() const;
    storage::Owner identify(Target const& target) const;

    std::shared_ptr<Call> call_;
    std::optional<ServiceError> refusal_;
};

}  // namespace firn::glacier
