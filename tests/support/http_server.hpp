// An HTTP server without Glacier: path and fields of a request tell its handler what to do. For tests of
// server/http.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/http/handler.hpp"
#include "server/http/limits.hpp"
#include "tests/support/raw_client.hpp"

namespace firn::test {

inline constexpr std::uint64_t mib = 1 << 20;

// Bytes of the text that all bodies of these tests are parts of.
std::string pattern(std::uint64_t size, std::uint64_t from = 0);
// As one chunk of a chunked body.
std::string chunk(std::string const& bytes);
http::Response text(unsigned status, std::string body);

// What the exchanges of a server report.
struct Journal {
    struct Replied {
        std::uint64_t body_bytes;
        bool whole;
    };
    std::mutex mutex;
    std::vector<http::Refusal> refusals;
    std::vector<Replied> replies;
    std::vector<http::RequestHead> heads;
    http::Exchange::Reply held;  // of /hold
    std::vector<std::thread> threads;
    std::atomic<int> alive = 0;
    std::atomic<int> finished = 0;
    std::atomic<std::uint64_t> received_bytes = 0;

    std::size_t head_count() {
        std::lock_guard const lock(mutex);
        return heads.size();
    }
    std::vector<http::Refusal> all_refusals() {
        std::lock_guard const lock(mutex);
        return refusals;
    }
    std::vector<Replied> all_replies() {
        std::lock_guard const lock(mutex);
        return replies;
    }
    // The reply that /hold waits for, empty until there is one.
    http::Exchange::Reply take_held() {
        std::lock_guard const lock(mutex);
        return std::exchange(held, nullptr);
    }
    std::size_t reply_count() {
        std::lock_guard const lock(mutex);
        return replies.size();
    }
    Replied last_reply() {
        std::lock_guard const lock(mutex);
        return replies.back();
    }
};

// Paths: /echo, /count (how much came), /nothing (204), /none and /limit (refuse a body), /early and /midway
// (stop in the middle of one), /hold, /late, /drop (when and whether the reply comes), /strings, /file,
// /short-file, /throw-… (what the reply is made of). Fields: x-status, x-size (of /strings and /file), and
// x-reset, x-cut, x-flip, x-rate for the reply's WireFault.
class FakeHandler : public http::Handler {
public:
    explicit FakeHandler(Journal& journal) : journal_(journal) {}
    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
    http::Response refuse(http::Refusal why) override;

private:
    Journal& journal_;
};

// Time-outs that are shorter than the client's, and long enough for tests that do not test them.
http::Limits short_limits();

// A listener with two I/O threads.
class HttpServer {
public:
    explicit HttpServer(http::Limits const& limits = short_limits(), std::string const& host = "localhost");
    ~HttpServer();
    HttpServer(HttpServer const&) = delete;

    std::future<void> stop();
    RawClient client() const { return RawClient(port()); }
    std::uint16_t port() const;

    Journal journal;

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

// True as soon as the condition is, false after a few seconds.
template <typename Condition>
bool soon(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

}  // namespace firn::test
