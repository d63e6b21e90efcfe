#include "server/control/control.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <limits>

#include "server/text/duration.hpp"
#include "storage/blobs/file.hpp"

namespace firn::control {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::uint64_t json_bytes_max = 64 << 20;  // seed documents can be long
constexpr std::chrono::seconds wait_max(60);
// Between two looks at what a request waits for.
constexpr std::chrono::milliseconds look_interval(20);
constexpr int waiting_per_interval = 200;

unsigned status_of(time::ClockError::Reason reason) {
    using enum time::ClockError::Reason;
    switch (reason) {
        case invalid:
            return 400;
        case conflict:
            return 409;
        case unknown_job:
            return 404;
        case incomplete:
            break;
    }
    return 500;
}

// What the exception that is being handled means for this request. The only place where the control surface
// turns exceptions into statuses; called in a catch block.
Refusal refusal_of_exception(http::RequestHead const& head) {
    try {
        throw;
    } catch (Refusal const& refusal) {
        return refusal;
    } catch (text::JsonError const& error) {
        return {400, error.what()};
    } catch (time::ClockError const& error) {
        return {status_of(error.reason()), error.what()};
    } catch (std::exception const& error) {
        // Without the query: log lines hold none.
        auto const path = std::string_view(head.target).substr(0, head.target.find('?'));
        spdlog::error("{} {} failed: {}", head.method, path, error.what());
        return {500, error.what()};
    }
}

// The query parameter `wait`: how long the answer may take, in real time.
std::chrono::milliseconds requested_wait(Request const& request) {
    auto const value = request.text("wait");
    if (!value) return {};
    auto const wait = text::parse_duration(*value);
    if (!wait) throw Refusal{400, text::not_a_duration(*value)};
    if (*wait > wait_max) throw Refusal{400, "wait is at most 60s; ask again to wait longer"};
    return *wait;
}

bool is_ready(Route const& route, Request const& request, Context& context) {
    if (route.is_ready == nullptr) return true;
    try {
        return route.is_ready(request, context);
    } catch (...) {
        return true;  // the answer meets the same error and reports it
    }
}

http::Response answer(Route const& route, Request const& request, Context& context) {
    try {
        // Some clients send {} with every POST.
        if (route.body == BodyKind::none) request.object({});
        return route.function(request, context);
    } catch (...) {
        return error_reply(refusal_of_exception(request.head));
    }
}

}  // namespace

struct Control::Call {
    std::shared_ptr<Request> request;
    Route const& route;
    Moment answered_by;
    http::Exchange::Reply reply;
};

class Control::Exchange : public http::Exchange {
public:
    Exchange(Control& control, http::RequestHead head) : control_(control) {
        request_->head = std::move(head);
        try {
            prepare();
        } catch (...) {
            refusal_ = refusal_of_exception(request_->head);
        }
    }
    ~Exchange() override {
        if (!request_->body_file.empty() && !handed_over_) ::unlink(request_->body_file.c_str());
    }

    bool wants_body() const override { return !refusal_; }
    std::uint64_t body_limit_bytes() const override {
        return is_file() ? std::numeric_limits<std::uint64_t>::max() : json_bytes_max;
    }
    bool receive(std::span<std::byte const> piece) override {
        if (!is_file()) {
            request_->body.append(reinterpret_cast<char const*>(piece.data()), piece.size());
            return true;
        }
        try {
            file_.write_all(piece);
            return true;
        } catch (...) {
            refusal_ = refusal_of_exception(request_->head);
            return false;
        }
    }
    void finish(Reply reply) override {
        if (refusal_) return reply(error_reply(*refusal_));
        file_ = {};
        handed_over_ = true;
        auto const answered_by = std::chrono::steady_clock::now() + wait_;
        auto const call = std::make_shared<Call>(Call{request_, *route_, answered_by, std::move(reply)});
        control_.run(route_->lane, [&control = control_, call] { control.serve(call); });
    }
    http::Response refuse(http::Refusal) override {
        return error_reply({400, "the body of the request cannot be read"});
    }
    void replied(std::uint64_t, bool) override {}

private:
    bool is_file() const { return route_->body == BodyKind::file; }

    void prepare() {
        auto target = http::parse_target(request_->head.target);
        if (!target) throw Refusal{400, "the path is not valid, or not correctly percent-encoded"};
        request_->target = *std::move(target);
        route_ = &find_route(request_->head.method, request_->target.segments, request_->path);
        // Health reveals nothing, and monitoring runs on other machines.
        if (route_->function != health) {
            if (auto fault = control_.guard_.find_fault(request_->head)) throw Refusal{403, *fault};
        }
        check_query(*route_, request_->target);
        wait_ = requested_wait(*request_);
        if (is_file()) open_file();
    }

    void open_file() {
        request_->body_file = (control_.context_.incoming / "control-XXXXXX").string();
        file_ = storage::File(::mkstemp(request_->body_file.data()));
        if (file_) return;
        request_->body_file.clear();
        storage::throw_errno("cannot create a file in " + control_.context_.incoming.string());
    }

    Control& control_;
    std::shared_ptr<Request> request_ = std::make_shared<Request>();
    Route const* route_ = nullptr;
    std::chrono::milliseconds wait_{};
    std::optional<Refusal> refusal_;
    storage::File file_;
    bool handed_over_ = false;
};

std::unique_ptr<http::Exchange> Control::begin(http::RequestHead head) {
    return std::make_unique<Exchange>(*this, std::move(head));
}

http::Response Control::refuse(http::Refusal) {
    return error_reply({400, "the request cannot be read"});
}

void Control::serve(std::shared_ptr<Call> const& call) {
    bool const may_wait = !stopping_ && std::chrono::steady_clock::now() < call->answered_by;
    if (may_wait && !is_ready(call->route, *call->request, context_)) {
        // Many of them look less often, so that they take a bounded share of a core.
        auto const interval = look_interval * (1 + waiting_++ / waiting_per_interval);
        auto const timer = std::make_shared<boost::asio::steady_timer>(threads_, interval);
        timer->async_wait([this, call, timer](boost::system::error_code) {
            --waiting_;
            if (stopping_) return serve(call);
            run(call->route.lane, [this, call] { serve(call); });
        });
        return;
    }
    auto response = answer(call->route, *call->request, context_);
    if (!call->request->body_file.empty()) ::unlink(call->request->body_file.c_str());
    call->reply(std::move(response));
}

void Control::run(Lane lane, std::function<void()> work) {
    bool const is_behind = context_.store.next_due() <= context_.scheduler.now();
    if (lane == Lane::status || !is_behind) return start(lane, std::move(work));
    context_.pending.begin();
    context_.scheduler.settle([this, lane, work = std::move(work)](storage::Time) {
        start(lane, work);
        context_.pending.end();
    });
}

void Control::start(Lane lane, std::function<void()> work) {
    if (lane == Lane::change) {
        boost::asio::post(changes_, std::move(work));
    } else {
        boost::asio::post(threads_, std::move(work));
    }
}

}  // namespace firn::control
