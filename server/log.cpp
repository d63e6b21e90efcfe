#include "server/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

namespace firn {
namespace {

constexpr std::size_t buffer_bytes_max = 64 << 10;
constexpr std::chrono::milliseconds delay_max(200);

// Writes many lines with one system call: one call for each line would cost more than the request it logs.
class BufferedStderr final : public spdlog::sinks::base_sink<std::mutex> {
public:
    BufferedStderr() : writer_([this] { write_now_and_then(); }) {}
    ~BufferedStderr() override {
        {
            std::lock_guard const lock(mutex_);
            stopping_ = true;
        }
        filled_.notify_one();
        writer_.join();
        flush_();
    }

protected:
    void sink_it_(spdlog::details::log_msg const& message) override {
        bool const was_empty = buffer_.size() == 0;
        formatter_->format(message, buffer_);
        if (message.level >= spdlog::level::warn || buffer_.size() >= buffer_bytes_max) {
            flush_();
        } else if (was_empty) {
            filled_.notify_one();
        }
    }
    void flush_() override {
        auto const* at = buffer_.data();
        auto const* const end = at + buffer_.size();
        while (at < end) {
            auto const n = ::write(STDERR_FILENO, at, static_cast<std::size_t>(end - at));
            // There is no other place to report the error.
            if (n < 0 && errno != EINTR) break;
            if (n > 0) at += n;
        }
        buffer_.clear();
    }

private:
    void write_now_and_then() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            filled_.wait(lock, [this] { return stopping_ || buffer_.size() > 0; });
            filled_.wait_for(lock, delay_max, [this] { return stopping_; });
            flush_();
        }
    }

    spdlog::memory_buf_t buffer_;
    std::condition_variable filled_;
    bool stopping_ = false;
    std::thread writer_;
};

}  // namespace

void set_up_log(std::string const& level) {
    auto logger = std::make_shared<spdlog::logger>("firn", std::make_shared<BufferedStderr>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->set_level(spdlog::level::from_str(level == "warn" ? "warning" : level));
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace firn
