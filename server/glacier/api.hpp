// Glacier's API as a handler of HTTP requests: each request becomes an Exchange with a number and an id.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "server/glacier/random.hpp"
#include "server/glacier/services.hpp"
#include "server/http/handler.hpp"

namespace firn::glacier {

class Api : public http::Handler {
public:
    explicit Api(Services services);

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    http::Response refuse(http::Refusal why) override;

private:
    std::string request_id(std::uint64_t number) const;

    Services const services_;
    IdSeries const request_ids_;
    std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace firn::glacier
