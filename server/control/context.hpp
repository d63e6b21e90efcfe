// What the endpoints of the control surface work on.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "server/control/observe/fault_rules.hpp"
#include "server/control/observe/metrics.hpp"
#include "server/control/observe/request_journal.hpp"
#include "server/glacier/pending_work.hpp"
#include "server/glacier/request.hpp"
#include "server/time/clock_keeper.hpp"
#include "server/time/scheduler.hpp"
#include "server/time/time_control.hpp"
#include "storage/store.hpp"

namespace firn::control {

struct Context {
    storage::Store& store;
    time::Clock& clock;
    time::ClockKeeper& clock_keeper;
    time::Scheduler& scheduler;
    time::TimeControl& time_control;
    glacier::Rules const& rules;
    std::filesystem::path incoming;   // folder for uploads and exports in progress
    storage::Owner default_owner;     // of vaults that a request names without account and region
    bool repeats_ids = false;         // whether a reset or restore repeats them, because of --seed
    std::filesystem::path seed_file;  // what a reset goes back to; empty: nothing
    FaultRules& faults;
    RequestJournal& journal;
    Metrics& metrics;
    glacier::PendingWork& pending;
    std::function<bool()> is_stopping = {};  // asked by long work
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

}  // namespace firn::control
