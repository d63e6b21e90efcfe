// Work that runs after some real time: answers that a fault rule holds back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

namespace firn {

// All functions may be called from any thread.
class DelayedWork {
public:
    // Runs the work on the threads of `context`, which must outlive this object.
    explicit DelayedWork(boost::asio::io_context& context) : context_(context) {}

    void run_later(std::chrono::milliseconds delay, std::function<void()> work);
    // Runs the waiting work now, and later work without delay: work must not outlive what it uses.
    void end_delays();

private:
    using Timer = boost::asio::steady_timer;

    boost::asio::io_context& context_;
    std::mutex mutex_;
    std::set<std::shared_ptr<Timer>> timers_;
    bool ended_ = false;
};

}  // namespace firn
