// Does what is due: retrievals complete, finished jobs expire, daily inventories are taken. storage/due.hpp
// lists all kinds.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "server/glacier/request.hpp"
#include "storage/store.hpp"

namespace firn::glacier {

// Used by one thread at a time, and not by threads that serve requests: run() waits for the store's writer.
class DueWork {
public:
    DueWork(storage::Store& store, Rules const& rules) : store_(store), rules_(rules) {}

    // Does everything that is due at `now`, in order of due time, and everything that becomes due by doing
    // so; then Store::next_due() is later than `now`. Throws what the store throws; work that was not done
    // stays due.
    void run(storage::Time now);
    // Makes run() throw after the commit in progress, also later runs. From any thread.
    void stop() { stopping_ = true; }

private:
    using Step = std::function<void(storage::Transaction&)>;

    // Makes the stored dates of inventories agree with the inventory mode: the last run may have had another,
    // and a snapshot may come from another server.
    void date_inventories();
    void run_all(storage::Time now);
    Step step_of(storage::Due const& due);
    Step failure_of(storage::Job const& job, storage::Time at);
    Step completion_of(storage::Job const& job, storage::Time at);
    Step inventory_completion_of(storage::View const& view, storage::Job const& job, storage::Time at);
    void commit(std::vector<Step> steps);

    storage::Store& store_;
    Rules const& rules_;
    std::atomic<bool> stopping_ = false;
};

}  // namespace firn::glacier
