#include "server/control/control.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstdlib>
#include <limits>

#include "storage/blobs/file.hpp"

namespace firn::control {
namespace {

constexpr std::uint64_t json_bytes_max = 64 << 20;  // seed documents can be long

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
        control_.run(route_->lane, [request = request_, route = route_, &context = control_.context_,
                                    reply = std::move(reply)] {
            auto response = answer(*route, *request, context);
            if (!request->body_file.empty()) ::unlink(request->body_file.c_str());
            reply(std::move(response));
        });
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
