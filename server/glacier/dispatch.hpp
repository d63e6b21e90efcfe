// From a request on the wire to one of the 33 operations and back: finds the operation, the caller and the
// body, runs the function on a view or on the writer, and turns every refusal into Glacier's error.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "server/glacier/observer.hpp"
#include "server/glacier/recent_answers.hpp"
#include "server/glacier/request.hpp"
#include "server/http/handler.hpp"
#include "server/identity/caller.hpp"
#include "storage/store.hpp"

namespace firn::glacier {

// What dispatch needs of the house around it.
struct Services {
    storage::Store& store;
    Rules const& rules;
    identity::Caller default_caller;  // of requests without a signature
    std::string request_series;  // sets the request ids of this run of the server apart from those of others
    std::function<storage::Time()> now;
    // Runs work that may wait for the disk, on a thread that serves no requests.
    std::function<void(std::function<void()>)> run_blocking;
    // Calls back when everything that is due by now is done.
    std::function<void(std::function<void()>)> settle;
    // Calls back after so much real time.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> run_later;
    Observer& observer;
    RecentAnswers& recent_answers;
};

class Dispatch : public http::Handler {
public:
    explicit Dispatch(Services services)
        : services_(std::move(services)),
          request_ids_(services_.rules.random, "request" + services_.request_series) {}

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    http::Response refuse(http::Refusal why) override;

private:
    std::string request_id(std::uint64_t number) const;

    Services const services_;
    IdSeries const request_ids_;
    std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace firn::glacier
