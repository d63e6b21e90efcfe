// firn's own surface, below /_firn/: plain JSON, no credentials, for whom AccessGuard lets in. Its functions
// run on threads of their own, so that they are answered however busy the Glacier API is, and may wait.
#pragma once

#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include "server/control/access_guard.hpp"
#include "server/control/context.hpp"
#include "server/control/routes.hpp"
#include "server/http/handler.hpp"

namespace firn::control {

class Control : public http::Handler {
public:
    Control(Context context, AccessGuard guard) : context_(std::move(context)), guard_(std::move(guard)) {}

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    http::Response refuse(http::Refusal why) override;
    // Finishes what runs; to be called before anything of the house goes.
    void stop() { threads_.join(); }

private:
    class Exchange;

    void run(Lane lane, std::function<void()> work);

    Context context_;
    AccessGuard const guard_;
    // Two: a long change leaves one for reads.
    boost::asio::thread_pool threads_{2};
    boost::asio::strand<boost::asio::thread_pool::executor_type> changes_{threads_.get_executor()};
};

}  // namespace firn::control
