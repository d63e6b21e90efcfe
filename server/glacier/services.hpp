// What the API needs from the rest of the program.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "server/glacier/observer.hpp"
#include "server/glacier/pending_work.hpp"
#include "server/glacier/recent_answers.hpp"
#include "server/glacier/request.hpp"
#include "server/identity/caller.hpp"
#include "storage/store.hpp"

namespace firn::glacier {

struct Services {
    storage::Store& store;
    Rules const& rules;
    identity::Caller default_caller;     // of requests without a signature
    std::string request_series;          // differs from run to run, so that request ids do too
    std::function<storage::Time()> now;  // time::Scheduler::now()
    // Runs work that may wait for the disk, on a thread that does not serve requests.
    std::function<void(std::function<void()>)> run_blocking;
    // Does everything that is due now, then calls back, on another thread, with the time by which it is done.
    std::function<void(std::function<void(storage::Time)>)> settle;
    // Calls back after this time, in real time.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> run_later;
    Observer& observer;
    RecentAnswers& recent_answers;
    PendingWork& pending;
};

}  // namespace firn::glacier
