#include "server/control/control.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <limits>

namespace firn::control {
namespace {

constexpr std::uint64_t json_bytes_max = 64 << 20;  // a seed document may be long

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

http::Response answer(Route const& route, Call const& call, House& house) {
    try {
        return route.function(call, house);
    } catch (Refusal const& refusal) {
        return error_reply(refusal);
    } catch (text::JsonError const& error) {
        return error_reply({400, error.what()});
    } catch (time::ClockError const& error) {
        return error_reply({status_of(error.reason()), error.what()});
    } catch (std::exception const& error) {
        auto const path = std::string_view(call.head.target).substr(0, call.head.target.find('?'));
        spdlog::error("{} {} failed: {}", call.head.method, path, error.what());
        return error_reply({500, error.what()});
    }
}

}  // namespace

class Control::Exchange : public http::Exchange {
public:
    Exchange(Control& control, http::RequestHead head) : control_(control) {
        call_->head = std::move(head);
        try {
            prepare();
        } catch (Refusal const& refusal) {
            refusal_ = refusal;
        } catch (std::exception const& error) {
            refusal_ = Refusal{500, error.what()};
        }
    }
    ~Exchange() override {
        if (!call_->body_file.empty() && !handed_over_) ::unlink(call_->body_file.c_str());
    }

    bool wants_body() const override { return !refusal_; }
    std::uint64_t body_limit_bytes() const override {
        return is_file() ? std::numeric_limits<std::uint64_t>::max() : json_bytes_max;
    }
    bool receive(std::span<std::byte const> piece) override {
        if (!is_file()) {
            call_->body.append(reinterpret_cast<char const*>(piece.data()), piece.size());
            return true;
        }
        try {
            file_.write_all(piece);
            return true;
        } catch (std::exception const& error) {
            refusal_ = Refusal{500, error.what()};
            return false;
        }
    }
    void finish(Reply reply) override {
        if (refusal_) return reply(error_reply(*refusal_));
        file_ = {};
        handed_over_ = true;
        control_.run(route_->lane,
                     [call = call_, route = route_, &house = control_.house_, reply = std::move(reply)] {
                         auto response = answer(*route, *call, house);
                         if (!call->body_file.empty()) ::unlink(call->body_file.c_str());
                         reply(std::move(response));
                     });
    }
    http::Response refuse(http::Refusal) override { return error_reply({400, "the body cannot be read"}); }
    void replied(std::uint64_t, bool) override {}

private:
    bool is_file() const { return route_->body == BodyKind::file; }

    void prepare() {
        auto target = http::parse_target(call_->head.target);
        if (!target) throw Refusal{400, "the path or its encoding is broken"};
        call_->target = *std::move(target);
        route_ = &find_route(call_->head.method, call_->target.segments, call_->path);
        // Health says nothing that needs a guard, and whoever watches over many servers is elsewhere.
        if (route_->function != health) {
            if (auto fault = control_.guard_.find_fault(call_->head)) throw Refusal{403, *fault};
        }
        check_query(*route_, call_->target);
        if (is_file()) open_file();
    }

    void open_file() {
        call_->body_file = (control_.house_.incoming / "control-XXXXXX").string();
        file_ = storage::File(::mkstemp(call_->body_file.data()));
        if (file_) return;
        call_->body_file.clear();
        storage::throw_errno("cannot create a file in " + control_.house_.incoming.string());
    }

    Control& control_;
    std::shared_ptr<Call> call_ = std::make_shared<Call>();
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
    if (lane == Lane::change) {
        boost::asio::post(changes_, std::move(work));
    } else {
        boost::asio::post(threads_, std::move(work));
    }
}

}  // namespace firn::control
