#include "server/control/control.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/glacier/timestamp.hpp"

namespace firn::control {
namespace {

constexpr std::uint64_t body_bytes_max = 1 << 20;

http::Response json_response(unsigned status, nlohmann::json const& body) {
    http::Response response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    // Messages echo what clients sent, which need not be UTF-8.
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    return response;
}

http::Response error_response(unsigned status, std::string const& message) {
    return json_response(status, {{"error", message}});
}

// A request that is answered from its head.
class Exchange : public http::Exchange {
public:
    explicit Exchange(http::Response response) : response_(std::move(response)) {}

    bool wants_body() const override { return true; }
    std::uint64_t body_limit_bytes() const override { return body_bytes_max; }
    bool receive(std::span<std::byte const>) override { return true; }
    void finish(Reply reply) override { reply(std::move(response_)); }
    http::Response refuse(http::Refusal) override { return error_response(400, "the body cannot be read"); }
    void replied(std::uint64_t, bool) override {}

private:
    http::Response response_;
};

}  // namespace

std::unique_ptr<http::Exchange> Control::begin(http::RequestHead head) {
    return std::make_unique<Exchange>(answer(head));
}

http::Response Control::refuse(http::Refusal) {
    return error_response(400, "the request cannot be read");
}

http::Response Control::answer(http::RequestHead const& head) const {
    auto const path = head.target.substr(0, head.target.find('?'));
    if (path != "/_firn/health") return error_response(404, fmt::format("there is no {}", path));
    if (head.method != "GET") return error_response(405, fmt::format("{} takes GET", path));
    return health();
}

http::Response Control::health() const {
    auto const uptime = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_);
    return json_response(
        200,
        {
            {"status", "ok"},
            {"version", FIRN_VERSION},
            {"uptime_seconds", uptime.count()},
            {"clock", {{"now", glacier::format_milliseconds(clock_.now())}, {"frozen", clock_.is_frozen()}}},
        });
}

}  // namespace firn::control
