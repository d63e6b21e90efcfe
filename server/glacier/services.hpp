// What the API needs of the program around it.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "server/glacier/observer.hpp"
#include "server/glacier/recent_answers.hpp"
#include "server/glacier/request.hpp"
#include "server/identity/caller.hpp"
#include "storage/store.hpp"

namespace firn::glacier {

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

}  // namespace firn::glacier
