#include "tests/support/http_server.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "server/http/listener.hpp"
#include "tests/support/patience.hpp"

namespace firn::test {

using namespace http;
using namespace std::chrono_literals;

namespace {

unsigned status_of(Refusal why) {
    switch (why) {
        case Refusal::malformed_request:
            return 400;
        case Refusal::header_too_large:
            return 431;
        case Refusal::body_too_large:
            return 413;
        case Refusal::request_timeout:
            return 408;
        case Refusal::too_many_connections:
            return 503;
    }
    return 500;
}

class StringStream : public BodyStream {
public:
    StringStream(std::uint64_t size, std::uint64_t fails_at = ~0ull) : size_(size), fails_at_(fails_at) {}
    std::uint64_t size_bytes() const override { return size_; }
    std::optional<BodyPiece> next() override {
        if (at_ >= fails_at_) throw std::runtime_error("the bytes are gone");
        if (at_ == size_) return std::nullopt;
        auto const n = std::min<std::uint64_t>(size_ - at_, 100'000);
        auto piece = pattern(n, at_);
        at_ += n;
        return piece;
    }

private:
    std::uint64_t size_;
    std::uint64_t fails_at_;
    std::uint64_t at_ = 0;
};

// Made once for each size, and left to the end of the process.
int pattern_file(std::uint64_t size) {
    static std::mutex mutex;
    static std::map<std::uint64_t, int> files;
    std::lock_guard const lock(mutex);
    auto const [found, is_new] = files.emplace(size, -1);
    if (is_new) {
        found->second = ::dup(::fileno(std::tmpfile()));
        for (std::uint64_t at = 0; at < size; at += mib) {
            auto const bytes = pattern(std::min(mib, size - at), at);
            if (::write(found->second, bytes.data(), bytes.size()) < 0) throw std::runtime_error("disk full");
        }
    }
    return found->second;
}

// A file of `real` bytes in slices that add up to `told`, with a piece of text in front.
class FileStream : public BodyStream {
public:
    FileStream(std::uint64_t told, std::uint64_t real) : told_(told), file_(pattern_file(real)) {}
    std::uint64_t size_bytes() const override { return told_; }
    std::optional<BodyPiece> next() override {
        if (at_ == told_) return std::nullopt;
        if (at_ == 0 && told_ > 10) {
            at_ = 10;
            return pattern(10);
        }
        FileSlice const slice{file_, at_, std::min(told_ - at_, 5 * mib)};
        at_ += slice.size_bytes;
        return slice;
    }

private:
    std::uint64_t told_;
    int file_;
    std::uint64_t at_ = 0;
};

std::optional<std::uint64_t> number(RequestHead const& head, std::string_view field) {
    auto const value = head.fields.find(field);
    if (!value) return std::nullopt;
    return std::stoull(std::string(*value));
}

std::optional<WireFault> fault_of(RequestHead const& head) {
    WireFault fault;
    fault.reset = head.fields.find("x-reset").has_value();
    fault.cut_after_bytes = number(head, "x-cut");
    fault.flip_at = number(head, "x-flip");
    fault.bytes_per_second = number(head, "x-rate");
    if (!fault.reset && !fault.cut_after_bytes && !fault.flip_at && !fault.bytes_per_second) return {};
    return fault;
}

class FakeExchange : public Exchange {
public:
    FakeExchange(Journal& journal, RequestHead head)
        : journal_(journal),
          target_(head.target),
          status_(number(head, "x-status")),
          size_bytes_(number(head, "x-size").value_or(64 * mib + 1)),
          fault_(fault_of(head)) {
        ++journal_.alive;
        std::lock_guard const lock(journal_.mutex);
        journal_.heads.push_back(std::move(head));
    }
    ~FakeExchange() override { --journal_.alive; }
    FakeExchange(FakeExchange const&) = delete;

    bool wants_body() const override { return target_ != "/none"; }
    std::uint64_t body_limit_bytes() const override { return target_ == "/limit" ? 100'000 : ~0ull; }
    bool receive(std::span<std::byte const> piece) override {
        if (target_ == "/throw-receive") throw std::runtime_error("receive");
        received_ += piece.size();
        journal_.received_bytes += piece.size();
        if (target_ == "/echo") body_.append(reinterpret_cast<char const*>(piece.data()), piece.size());
        if (target_ == "/midway") return received_ < mib;
        return target_ != "/early";
    }
    void finish(Reply reply) override {
        ++journal_.finished;
        if (target_ == "/throw-finish") throw std::runtime_error("finish");
        if (target_ == "/drop") return;
        if (target_ == "/hold") {
            std::lock_guard const lock(journal_.mutex);
            journal_.held = std::move(reply);
            return;
        }
        if (target_ == "/late") {
            std::lock_guard const lock(journal_.mutex);
            journal_.threads.emplace_back([reply = std::move(reply)] {
                std::this_thread::sleep_for(20ms);
                reply(text(200, "late"));
                reply(text(200, "twice"));
            });
            return;
        }
        auto made = response();
        if (status_) made.status = static_cast<unsigned>(*status_);
        made.fault = fault_;
        reply(std::move(made));
    }
    Response refuse(Refusal why) override {
        std::lock_guard const lock(journal_.mutex);
        journal_.refusals.push_back(why);
        return text(status_of(why), "refused");
    }
    void replied(std::uint64_t body_bytes, bool whole) override {
        std::lock_guard const lock(journal_.mutex);
        journal_.replies.push_back({body_bytes, whole});
    }

private:
    Response response() {
        if (target_ == "/echo") return text(200, std::move(body_));
        if (target_ == "/nothing") return text(204, "");
        if (target_ == "/none" || target_ == "/early") return text(403, "no");
        auto made = text(200, "");
        if (target_ == "/strings") made.body = std::make_unique<StringStream>(size_bytes_);
        if (target_ == "/file") made.body = std::make_unique<FileStream>(size_bytes_, size_bytes_);
        if (target_ == "/short-file") made.body = std::make_unique<FileStream>(2 * mib, mib);
        if (target_ == "/throw-next") made.body = std::make_unique<StringStream>(mib, 500'000);
        if (target_ == "/count") made.body = std::to_string(received_);
        return made;
    }

    Journal& journal_;
    std::string target_;
    std::optional<std::uint64_t> status_;
    std::uint64_t size_bytes_;
    std::optional<WireFault> fault_;
    std::string body_;
    std::uint64_t received_ = 0;
};

}  // namespace

std::string pattern(std::uint64_t size, std::uint64_t from) {
    std::string bytes(size, '\0');
    for (std::uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((from + i) * 131 >> 3);
    return bytes;
}

std::string chunk(std::string const& bytes) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + bytes + "\r\n";
}

Response text(unsigned status, std::string body) {
    Response response;
    response.status = status;
    response.fields.add("x-Case", "Kept");
    response.body = std::move(body);
    return response;
}

std::unique_ptr<Exchange> FakeHandler::begin(RequestHead head) {
    if (head.target == "/throw-begin") throw std::runtime_error("begin");
    return std::make_unique<FakeExchange>(journal_, std::move(head));
}

Response FakeHandler::refuse(Refusal why) {
    return text(status_of(why), "refused");
}

Limits short_limits() {
    Limits limits;
    limits.idle_timeout = patient(5s);
    limits.header_timeout = patient(5s);
    limits.body_timeout = patient(5s);
    limits.write_timeout = patient(5s);
    limits.drain_timeout = patient(5s);
    limits.stop_timeout = patient(5s);
    return limits;
}

struct HttpServer::Running {
    Running(Journal& journal, Limits const& limits)
        : handler(journal), listener({context}, handler, limits) {}

    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    FakeHandler handler;
    Listener listener;
    std::vector<std::thread> threads;
};

HttpServer::HttpServer(Limits const& limits, std::string const& host)
    : running_(std::make_unique<Running>(journal, limits)) {
    running_->listener.open(host, 0);
    running_->listener.start();
    for (int i = 0; i < 2; ++i) {
        running_->threads.emplace_back([running = running_.get()] { running->context.run(); });
    }
}

HttpServer::~HttpServer() {
    auto stopped = stop();
    CHECK(stopped.wait_for(patient(15s)) == std::future_status::ready);
    for (auto& thread : journal.threads) thread.join();
    running_->work.reset();
    running_->context.stop();
    for (auto& thread : running_->threads) thread.join();
}

std::future<void> HttpServer::stop() {
    auto const stopped = std::make_shared<std::promise<void>>();
    running_->listener.stop([stopped] { stopped->set_value(); });
    return stopped->get_future();
}

std::uint16_t HttpServer::port() const {
    return running_->listener.port();
}

}  // namespace firn::test
