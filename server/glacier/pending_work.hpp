// Counts the work of requests that goes on outside the connections' threads: in the store's writer, or until
// what is due is done. It uses the API, so the API must not end before it.
#pragma once

#include <atomic>

namespace firn::glacier {

// From any thread.
class PendingWork {
public:
    void begin() { ++count_; }
    void end() {
        if (--count_ == 0) count_.notify_all();
    }
    // Returns when none is pending. To be called when no new work begins.
    void wait() const {
        for (int count = count_; count != 0; count = count_) count_.wait(count);
    }

private:
    std::atomic<int> count_ = 0;
};

}  // namespace firn::glacier
