// What the functions of the control surface act on.
#pragma once

#include <chrono>
#include <filesystem>

#include "server/control/observe/fault_rules.hpp"
#include "server/control/observe/metrics.hpp"
#include "server/control/observe/request_journal.hpp"
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
    std::filesystem::path incoming;  // a folder for files on their way in or out
    storage::Owner default_owner;    // of vaults that are named without account and region
    FaultRules& faults;
    RequestJournal& journal;
    Metrics& metrics;
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

}  // namespace firn::control
