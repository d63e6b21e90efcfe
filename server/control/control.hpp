// firn's own interface, below /_firn/: plain JSON without credentials; AccessGuard decides who may use it.
// Its endpoints run on their own threads, so they may block, and they answer even when the Glacier API is
// busy.
#pragma once

#include <atomic>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include "server/control/access_guard.hpp"
#include "server/control/context.hpp"
#include "server/control/routes.hpp"
#include "server/http/handler.hpp"

namespace firn::control {

class Control : public http::Handler {
public:
    Control(Context context, AccessGuard guard) : context_(std::move(context)), guard_(std::move(guard)) {
        context_.is_stopping = [this] { return stopping_.load(); };
    }

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    http::Response refuse(http::Refusal why) override;
    // Makes long work end soon, and fail; answers the requests that wait for something, and later ones
    // without a wait.
    void begin_stop() { stopping_ = true; }
    // Waits for the endpoints that run; none may wait for due work any more. To be called before anything in
    // the context is destroyed.
    void stop() { threads_.join(); }

private:
    class Exchange;
    struct Call;

    // Runs the work when what is due by now is done.
    void run(Lane lane, std::function<void()> work);
    void start(Lane lane, std::function<void()> work);
    // Answers the call, or looks again later while the call waits for something.
    void serve(std::shared_ptr<Call> const& call);

    Context context_;
    AccessGuard const guard_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> waiting_ = 0;  // requests that wait for something
    // Two threads: a long change leaves one for reads. Requests that wait hold none.
    boost::asio::thread_pool threads_{2};
    boost::asio::strand<boost::asio::thread_pool::executor_type> changes_{threads_.get_executor()};
};

}  // namespace firn::control
