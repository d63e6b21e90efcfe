// The wire alone, with a handler that does what the request's path says: what a session owes its client and
// its handler.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "server/http/listener.hpp"
#include "tests/support/raw_client.hpp"

using namespace firn::http;
using firn::test::RawClient;
using firn::test::RawReply;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mib = 1 << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

std::string pattern(std::uint64_t size, std::uint64_t from = 0) {
    std::string bytes(size, '\0');
    for (std::uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((from + i) * 131 >> 3);
    return bytes;
}

// What the exchanges report, shared by all of them.
struct Journal {
    struct Replied {
        std::uint64_t body_bytes;
        bool whole;
    };
    std::mutex mutex;
    std::vector<Refusal> refusals;
    std::vector<Replied> replies;
    std::vector<RequestHead> heads;
    Exchange::Reply held;  // of /hold
    std::vector<std::thread> threads;
    std::atomic<int> alive = 0;
    std::atomic<int> finished = 0;
    std::atomic<std::uint64_t> received_bytes = 0;

    std::size_t head_count() {
        std::lock_guard const lock(mutex);
        return heads.size();
    }
    std::vector<Refusal> all_refusals() {
        std::lock_guard const lock(mutex);
        return refusals;
    }
    std::vector<Replied> all_replies() {
        std::lock_guard const lock(mutex);
        return replies;
    }
    // The reply that /hold waits for; empty as long as there is none.
    Exchange::Reply take_held() {
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

Response text(unsigned status, std::string body) {
    Response response;
    response.status = status;
    response.fields.add("x-Case", "Kept");
    response.body = std::move(body);
    return response;
}

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
    std::optional<std::variant<std::string, FileSlice>> next() override {
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
    std::optional<std::variant<std::string, FileSlice>> next() override {
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

class FakeExchange : public Exchange {
public:
    FakeExchange(Journal& journal, RequestHead head) : journal_(journal), target_(head.target) {
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
        reply(response());
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
        if (target_ == "/strings") made.body = std::make_unique<StringStream>(64 * mib + 1);
        if (target_ == "/file") made.body = std::make_unique<FileStream>(64 * mib + 1, 64 * mib + 1);
        if (target_ == "/short-file") made.body = std::make_unique<FileStream>(2 * mib, mib);
        if (target_ == "/throw-next") made.body = std::make_unique<StringStream>(mib, 500'000);
        if (target_ == "/count") made.body = std::to_string(received_);
        return made;
    }

    Journal& journal_;
    std::string target_;
    std::string body_;
    std::uint64_t received_ = 0;
};

class FakeHandler : public Handler {
public:
    explicit FakeHandler(Journal& journal) : journal_(journal) {}
    std::unique_ptr<Exchange> begin(RequestHead head) override {
        if (head.target == "/throw-begin") throw std::runtime_error("begin");
        return std::make_unique<FakeExchange>(journal_, std::move(head));
    }
    Response refuse(Refusal why) override { return text(status_of(why), "refused"); }

private:
    Journal& journal_;
};

Limits short_limits() {
    Limits limits;
    limits.idle_timeout = 5s;
    limits.header_timeout = 5s;
    limits.body_timeout = 5s;
    limits.write_timeout = 5s;
    limits.drain_timeout = 5s;
    limits.stop_timeout = 5s;
    return limits;
}

// A listener with two I/O threads.
class TestServer {
public:
    explicit TestServer(Limits const& limits = short_limits()) : listener_(context_, handler_, limits) {
        listener_.open("localhost", 0);
        listener_.start();
        for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { context_.run(); });
    }
    ~TestServer() {
        auto stopped = stop();
        CHECK(stopped.wait_for(15s) == std::future_status::ready);
        for (auto& thread : journal.threads) thread.join();
        work_.reset();
        context_.stop();
        for (auto& thread : threads_) thread.join();
    }
    TestServer(TestServer const&) = delete;

    std::future<void> stop() {
        auto const stopped = std::make_shared<std::promise<void>>();
        listener_.stop([stopped] { stopped->set_value(); });
        return stopped->get_future();
    }
    RawClient client() const { return RawClient(listener_.port()); }
    std::uint16_t port() const { return listener_.port(); }

    Journal journal;

private:
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    FakeHandler handler_{journal};
    Listener listener_;
    std::vector<std::thread> threads_;
};

// True as soon as the condition is, false after a few seconds.
template <typename Condition>
bool soon(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

long memory_in_use_kib() {
    std::ifstream statm("/proc/self/statm");
    long total = 0, resident = 0;
    statm >> total >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

std::string chunk(std::string const& bytes) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + bytes + "\r\n";
}

}  // namespace

TEST_SUITE("http session") {
    TEST_CASE("a connection serves one request after the other") {
        TestServer server;
        auto client = server.client();
        for (int i = 0; i < 5; ++i) {
            auto const body = pattern(static_cast<std::uint64_t>(i) * 70'000);
            auto const reply = client.request("PUT", "/echo", {}, body);
            CHECK(reply.status == 200);
            CHECK(reply.reason == "OK");
            CHECK(reply.body == body);
            CHECK(reply.fields.at(0) == std::pair<std::string, std::string>("x-Case", "Kept"));
            CHECK(!reply.field("Connection"));
        }
        CHECK(soon([&] { return server.journal.reply_count() == 5; }));
        CHECK(server.journal.last_reply().body_bytes == 280'000);
        CHECK(server.journal.last_reply().whole);
        CHECK(soon([&] { return server.journal.alive == 0; }));
    }

    TEST_CASE("the handler sees the head as it was sent") {
        TestServer server;
        auto client = server.client();
        client.request("FOO", "/a%2Fb?x=%20", {{"X-One", "1"}, {"x-one", "2"}, {"Content-Length", "0"}});
        client.request("CONNECT", "example:1");
        std::lock_guard const lock(server.journal.mutex);
        auto const& head = server.journal.heads.at(0);
        CHECK(head.method == "FOO");
        CHECK(head.target == "/a%2Fb?x=%20");
        CHECK(head.content_length == 0);
        CHECK(head.fields.find("X-ONE") == "1");
        CHECK(server.journal.heads.at(1).method == "CONNECT");
        CHECK(server.journal.heads.at(1).target == "example:1");
    }

    TEST_CASE("pipelined requests are answered in order") {
        TestServer server;
        auto client = server.client();
        std::string all;
        for (char c = 'a'; c <= 'j'; ++c) {
            all += "PUT /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n" + std::string(3, c);
            all += "\r\nPUT /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk({c}) + chunk({c}) +
                   "0\r\n\r\n";
        }
        client.send(all);
        for (char c = 'a'; c <= 'j'; ++c) {
            CHECK(client.read_reply().body == std::string(3, c));
            CHECK(client.read_reply().body == std::string(2, c));
        }
    }

    TEST_CASE("a request that comes byte by byte is a request") {
        TestServer server;
        auto client = server.client();
        std::string const request =
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
            "chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
        for (char const c : request) client.send({&c, 1});
        CHECK(client.read_reply().body == "abcde");
        CHECK(client.request("GET", "/none").status == 403);
    }

    TEST_CASE("HEAD gets the length and no body") {
        TestServer server;
        auto client = server.client();
        auto const reply = client.request("HEAD", "/strings");
        CHECK(reply.field("Content-Length") == std::to_string(64 * mib + 1));
        CHECK(client.request("HEAD", "/count").field("Content-Length") == "1");
        CHECK(client.request("GET", "/count").body == "0");
    }

    TEST_CASE("204 has neither body nor length") {
        TestServer server;
        auto client = server.client();
        auto const reply = client.request("GET", "/nothing");
        CHECK(reply.status == 204);
        CHECK(!reply.field("Content-Length"));
        CHECK(client.request("GET", "/count").body == "0");
    }

    TEST_CASE("Connection: close and HTTP/1.0 are honoured") {
        TestServer server;
        auto closing = server.client();
        CHECK(closing.request("GET", "/count", {{"Connection", "close"}}).field("Connection") == "close");
        CHECK(closing.closed());
        auto old = server.client();
        old.send("GET /count HTTP/1.0\r\n\r\n");
        CHECK(old.read_reply().field("Connection") == "close");
        CHECK(old.closed());
        auto old_kept = server.client();
        for (int i = 0; i < 2; ++i) {
            old_kept.send("GET /count HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            CHECK(old_kept.read_reply().field("Connection") == "keep-alive");
        }
    }

    TEST_CASE("a client that closes its sending side still gets its reply") {
        TestServer server;
        auto client = server.client();
        client.send("GET /late HTTP/1.1\r\n\r\n");
        client.shutdown_send();
        CHECK(client.read_reply().body == "late");
        CHECK(client.closed());
    }

    TEST_CASE("100 Continue is sent before the body is read") {
        TestServer server;
        auto client = server.client();
        client.send("PUT /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        CHECK(client.read_reply().status == 100);
        client.send("hello");
        CHECK(client.read_reply().body == "hello");
        // A client that did not wait needs none.
        client.send("PUT /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
        CHECK(client.read_reply().body == "hello");
    }

    TEST_CASE("a refused Expect gets the answer instead of 100") {
        TestServer server;
        for (std::string const target : {"/none", "/limit"}) {
            auto client = server.client();
            client.send("PUT " + target +
                        " HTTP/1.1\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
            auto const reply = client.read_reply();
            CHECK(reply.status == (target == "/none" ? 403 : 413));
            CHECK(reply.field("Connection") == "close");
            CHECK(client.closed());
        }
    }

    TEST_CASE("a chunked upload arrives whole, whatever its chunks") {
        TestServer server;
        auto client = server.client();
        auto const body = pattern(3'000'000);
        client.send("PUT /echo HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n");
        for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 + 1) {
            client.send(chunk(body.substr(at, size)));
        }
        client.send("0\r\n\r\n");
        CHECK(client.read_reply().body == body);
        CHECK(client.request("GET", "/count").body == "0");
        std::lock_guard const lock(server.journal.mutex);
        CHECK(!server.journal.heads.at(0).content_length);
    }

    TEST_CASE("a broken chunk is malformed") {
        TestServer server;
        auto client = server.client();
        client.send("PUT /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
        CHECK(client.read_reply().status == 400);
        CHECK(client.closed());
        auto endless = server.client();
        endless.send("PUT /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;");
        endless.try_send(std::string(mib, 'x'));
        CHECK(endless.read_reply().status == 400);
    }

    TEST_CASE("a body above the limit is refused, one at the limit is not") {
        TestServer server;
        auto client = server.client();
        CHECK(client.request("PUT", "/limit", {}, pattern(100'000)).status == 200);
        CHECK(client.request("PUT", "/limit", {}, pattern(100'001)).status == 413);
        CHECK(client.closed());
        auto chunked = server.client();
        chunked.send("PUT /limit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 11; ++i) chunked.send(chunk(pattern(10'000)));
        chunked.send("0\r\n\r\n");
        auto const reply = chunked.read_reply();
        CHECK(reply.status == 413);
        CHECK(reply.field("Connection") == "close");
        CHECK(chunked.closed());
        CHECK(server.journal.all_refusals() == std::vector{Refusal::body_too_large, Refusal::body_too_large});
    }

    TEST_CASE("a small refused body is skipped and the connection stays") {
        TestServer server;
        auto client = server.client();
        CHECK(client.request("PUT", "/none", {}, pattern(60'000)).status == 403);
        CHECK(client.request("PUT", "/early", {}, pattern(60'000)).status == 403);
        CHECK(client.request("PUT", "/echo", {}, "abc").body == "abc");
    }

    TEST_CASE("a client that sends 64 MiB before it reads can read the refusal") {
        TestServer server;
        auto const body = pattern(64 * mib);
        for (std::string const target : {"/none", "/early", "/limit", "/throw-receive", "/throw-begin"}) {
            CAPTURE(target);
            auto client = server.client();
            auto const reply = client.request("PUT", target, {}, body);
            CHECK(reply.status >= 400);
            CHECK(reply.field("Connection") == "close");
            CHECK(client.closed());
        }
        CHECK(server.journal.received_bytes <= 2 * short_limits().body_piece_bytes);
    }

    TEST_CASE("the rest of a refused body is not waited for without end") {
        auto limits = short_limits();
        limits.drain_timeout = 50ms;
        TestServer server(limits);
        auto client = server.client();
        client.send("PUT /none HTTP/1.1\r\nContent-Length: 100000000\r\n\r\nabc");
        CHECK(client.read_reply().status == 403);
        CHECK(client.closed());
    }

    TEST_CASE("a slow head gets 408, also when it trickles") {
        auto limits = short_limits();
        limits.header_timeout = 60ms;
        TestServer server(limits);
        auto client = server.client();
        client.send("GET / HTT");
        CHECK(client.read_reply().status == 408);
        CHECK(client.closed());
        auto trickle = server.client();
        for (int i = 0; i < 20 && trickle.try_send("G"); ++i) std::this_thread::sleep_for(10ms);
        CHECK(trickle.read_reply().status == 408);
    }

    TEST_CASE("a silent body gets 408") {
        auto limits = short_limits();
        limits.body_timeout = 40ms;
        TestServer server(limits);
        auto client = server.client();
        client.send("PUT /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
        auto const reply = client.read_reply();
        CHECK(reply.status == 408);
        CHECK(reply.field("Connection") == "close");
        CHECK(client.closed());
        CHECK(soon([&] { return server.journal.alive == 0; }));
        CHECK(server.journal.finished == 0);
    }

    TEST_CASE("a body below the least rate gets 408, one above it does not") {
        auto limits = short_limits();
        limits.body_timeout = 200ms;
        limits.body_rate_min_bytes = 200;
        TestServer server(limits);
        auto slow = server.client();
        slow.send("PUT /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
        int sent = 0;
        while (sent < 50 && slow.try_send("x")) {
            ++sent;
            std::this_thread::sleep_for(20ms);
            if (server.journal.reply_count() > 0) break;
        }
        CHECK(slow.read_reply().status == 408);
        CHECK(sent < 30);
        auto steady = server.client();
        steady.send("PUT /count HTTP/1.1\r\nContent-Length: 300\r\n\r\n");
        for (int i = 0; i < 30; ++i) {
            std::this_thread::sleep_for(20ms);
            steady.send("xxxxxxxxxx");
        }
        CHECK(steady.read_reply().body == "300");
    }

    TEST_CASE("an idle connection is closed without a word") {
        auto limits = short_limits();
        limits.idle_timeout = 40ms;
        TestServer server(limits);
        auto fresh = server.client();
        CHECK(fresh.read_to_end().empty());
        auto used = server.client();
        CHECK(used.request("GET", "/count").status == 200);
        CHECK(used.read_to_end().empty());
    }

    TEST_CASE("a connection too many is told so, and one that leaves makes room") {
        auto limits = short_limits();
        limits.connections_max = 2;
        TestServer server(limits);
        auto first = std::make_unique<RawClient>(server.client());
        auto second = server.client();
        CHECK(first->request("GET", "/count").status == 200);
        CHECK(second.request("GET", "/count").status == 200);
        {
            auto third = server.client();
            auto const reply = third.request("PUT", "/count", {}, pattern(1000));
            CHECK(reply.status == 503);
            CHECK(reply.field("Connection") == "close");
            CHECK(third.closed());
        }
        first.reset();
        CHECK(soon([&] { return server.client().request("GET", "/count").status == 200; }));
    }

    TEST_CASE("accepting goes on after the descriptors ran out") {
        TestServer server;
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        auto const next_free = ::dup(0);
        ::close(next_free);
        auto none_left = before;
        none_left.rlim_cur = static_cast<rlim_t>(next_free) + 1;
        ::setrlimit(RLIMIT_NOFILE, &none_left);
        auto client = server.client();  // takes the last one; the kernel connects it all the same
        client.send("GET /count HTTP/1.1\r\n\r\n");
        std::this_thread::sleep_for(50ms);
        CHECK(server.journal.head_count() == 0);
        ::setrlimit(RLIMIT_NOFILE, &before);
        CHECK(client.read_reply().status == 200);
    }

    TEST_CASE("malformed heads get 400 and a closed connection") {
        TestServer server;
        for (std::string const head : {
                 "\x16\x03\x01\x02\xfc\x03\x03 hello",
                 "GET  / HTTP/1.1\r\n\r\n",
                 "GET / HTTP/2.0\r\n\r\n",
                 "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                 "GET / HTTP/1.1\r\nbad name: x\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                 "PUT /echo HTTP/1.1\r\nContent-Length: 5, 6\r\n\r\nhello!",
                 "PUT /echo HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n",
                 "PUT /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             }) {
            CAPTURE(head);
            auto client = server.client();
            client.send(head);
            CHECK(client.read_reply().status == 400);
            CHECK(client.closed());
        }
        CHECK(server.journal.head_count() == 0);
    }

    TEST_CASE("random bytes never get anything but a refusal") {
        auto limits = short_limits();
        limits.header_timeout = 30ms;
        TestServer server(limits);
        std::uint32_t seed = 1;
        for (int i = 0; i < 100; ++i) {
            std::string bytes(200, '\0');
            for (char& c : bytes) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
            auto client = server.client();
            client.try_send(bytes + "\r\n\r\n");
            auto const status = client.read_reply().status;
            CHECK((status == 400 || status == 408));
        }
    }

    TEST_CASE("a giant head gets 431, in one field, in many, and in pieces") {
        TestServer server;
        std::string many = "GET / HTTP/1.1\r\n";
        for (int i = 0; i < 5000; ++i) many += "x-field: value\r\n";
        for (auto const& head :
             {"GET / HTTP/1.1\r\nx: " + std::string(mib, 'y'), "GET /" + std::string(mib, 'y'), many}) {
            auto client = server.client();
            client.try_send(head);
            CHECK(client.read_reply().status == 431);
        }
        auto trickle = server.client();
        trickle.send("GET / HTTP/1.1\r\n");
        std::string const line = "x-field: " + std::string(990, 'y') + "\r\n";
        for (int i = 0; i < 30 && trickle.try_send(line); ++i) std::this_thread::sleep_for(1ms);
        CHECK(trickle.read_reply().status == 431);
        auto allowed = server.client();
        CHECK(allowed.request("GET", "/count", {{"x", std::string(15'000, 'y')}}).status == 200);
    }

    TEST_CASE("64 MiB of pieces and of a file go out whole, in bounded memory") {
        TestServer server;
        for (std::string const target : {"/strings", "/file"}) {
            CAPTURE(target);
            auto client = server.client();
            auto const before = memory_in_use_kib();
            auto most = before;
            client.send("GET " + target + " HTTP/1.1\r\n\r\n");
            std::string head;
            while (head.find("\r\n\r\n") == std::string::npos) head += client.read_some(1);
            std::uint64_t got = 0;
            bool same = true;
            while (got < 64 * mib + 1) {
                auto const some = client.read_some(64 << 10);
                REQUIRE(!some.empty());
                same = same && some == pattern(some.size(), got);
                got += some.size();
                if (got % mib < some.size()) most = std::max(most, memory_in_use_kib());
            }
            CHECK(same);
            CHECK(got == 64 * mib + 1);
            // Sanitizers keep freed memory for a while.
            if (!sanitized) CHECK(most - before < 16 << 10);
            CHECK(soon([&] { return server.journal.reply_count() > 0; }));
            CHECK(server.journal.last_reply().body_bytes == 64 * mib + 1);
            CHECK(server.journal.last_reply().whole);
            CHECK(client.request("GET", "/count").status == 200);
        }
    }

    TEST_CASE("a stream whose bytes cannot be had ends the connection short") {
        TestServer server;
        for (std::string const target : {"/throw-next", "/short-file"}) {
            CAPTURE(target);
            auto client = server.client();
            client.send("GET " + target + " HTTP/1.1\r\n\r\n");
            auto const all = client.read_to_end();
            CHECK(all.find("\r\nContent-Length: ") != std::string::npos);
            CHECK(all.size() > 400'000);
            CHECK(all.size() < 1100'000);
            CHECK(soon([&] { return server.journal.alive == 0; }));
            CHECK(!server.journal.last_reply().whole);
        }
    }

    TEST_CASE("a client that vanishes leaves nothing behind") {
        TestServer server;
        for (int i = 0; i < 10; ++i) {
            auto up = server.client();
            up.send("PUT /echo HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + pattern(1000));
            auto chunked = server.client();
            chunked.send("PUT /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
            auto down = server.client();
            down.send("GET /strings HTTP/1.1\r\n\r\n");
            down.read_some(1000);
            auto file = server.client();
            file.send("GET /file HTTP/1.1\r\n\r\n");
            if (i % 2 == 0) up.reset(), chunked.reset(), down.reset(), file.reset();
        }
        CHECK(soon([&] { return server.journal.head_count() == 40 && server.journal.alive == 0; }));
        CHECK(server.journal.finished == 20);
        for (auto const& reply : server.journal.all_replies()) CHECK(!reply.whole);
    }

    TEST_CASE("a client that takes nothing of its reply is given up") {
        auto limits = short_limits();
        limits.write_timeout = 60ms;
        TestServer server(limits);
        auto strings = server.client();
        strings.send("GET /strings HTTP/1.1\r\n\r\n");
        auto file = server.client();
        file.send("GET /file HTTP/1.1\r\n\r\n");
        CHECK(soon([&] { return server.journal.reply_count() == 2; }));
        CHECK(!server.journal.last_reply().whole);
    }

    TEST_CASE("what a handler throws is a plain 500") {
        TestServer server;
        for (std::string const target : {"/throw-begin", "/throw-receive", "/throw-finish"}) {
            CAPTURE(target);
            auto client = server.client();
            auto const reply = client.request("PUT", target, {}, "abc");
            CHECK(reply.status == 500);
            CHECK(reply.body.empty());
            CHECK(reply.field("Connection") == "close");
            CHECK(client.closed());
        }
        auto client = server.client();
        CHECK(client.request("GET", "/drop").status == 500);
    }

    TEST_CASE("a reply may come later and from another thread") {
        TestServer server;
        auto client = server.client();
        for (int i = 0; i < 3; ++i) CHECK(client.request("GET", "/late").body == "late");
        std::vector<RawClient> clients;
        for (int i = 0; i < 20; ++i) clients.push_back(server.client());
        for (auto& each : clients) each.send("GET /late HTTP/1.1\r\n\r\n");
        for (auto& each : clients) CHECK(each.read_reply().body == "late");
    }

    TEST_CASE("stop closes idle connections at once and lets a running request finish") {
        TestServer server;
        auto idle = server.client();
        CHECK(idle.request("GET", "/count").status == 200);
        auto fresh = server.client();
        auto running = server.client();
        running.send("GET /hold HTTP/1.1\r\n\r\n");
        Exchange::Reply reply_to_running;
        REQUIRE(soon([&] { return bool(reply_to_running = server.journal.take_held()); }));
        auto stopped = server.stop();
        CHECK(idle.closed());
        CHECK(fresh.closed());
        CHECK(stopped.wait_for(30ms) == std::future_status::timeout);
        CHECK_THROWS_AS(server.client(), std::system_error);
        reply_to_running(text(200, "held"));
        auto const reply = running.read_reply();
        CHECK(reply.body == "held");
        CHECK(reply.field("Connection") == "close");
        CHECK(running.closed());
        CHECK(stopped.wait_for(5s) == std::future_status::ready);
        CHECK(server.journal.alive == 0);
    }

    TEST_CASE("stop closes what still runs after its time-out, and keeps the exchange until its reply") {
        auto limits = short_limits();
        limits.stop_timeout = 50ms;
        TestServer server(limits);
        auto running = server.client();
        running.send("GET /hold HTTP/1.1\r\n\r\n");
        auto uploading = server.client();
        uploading.send("PUT /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc");
        Exchange::Reply reply;
        REQUIRE(soon([&] { return bool(reply = server.journal.take_held()); }));
        REQUIRE(soon([&] { return server.journal.alive == 2; }));
        auto stopped = server.stop();
        CHECK(stopped.wait_for(5s) == std::future_status::ready);
        CHECK(running.closed());
        CHECK(uploading.closed());
        CHECK(server.journal.alive == 1);
        reply(text(200, "too late"));
        CHECK(server.journal.alive == 0);
    }

    TEST_CASE("an event loop that goes away under its connections leaves nothing behind") {
        Journal journal;
        FakeHandler handler(journal);
        Limits const limits = short_limits();
        Exchange::Reply reply;
        {
            boost::asio::io_context context;
            Listener listener(context, handler, limits);
            listener.open("127.0.0.1", 0);
            listener.start();
            std::thread thread([&] { context.run(); });
            RawClient idle(listener.port());
            RawClient running(listener.port());
            running.send("GET /hold HTTP/1.1\r\n\r\n");
            RawClient uploading(listener.port());
            uploading.send("PUT /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc");
            REQUIRE(soon([&] { return bool(reply = journal.take_held()); }));
            REQUIRE(soon([&] { return journal.alive == 2; }));
            context.stop();
            thread.join();
        }
        reply(text(200, "nobody waits"));
        reply = nullptr;
        CHECK(journal.alive == 0);
    }

    TEST_CASE("a port that is taken is said with its name") {
        TestServer server;
        Journal journal;
        FakeHandler handler(journal);
        Limits const limits;
        boost::asio::io_context context;
        Listener second(context, handler, limits);
        auto const expected = "cannot listen on 127.0.0.1:" + std::to_string(server.port());
        try {
            second.open("127.0.0.1", server.port());
            FAIL("bound twice");
        } catch (std::system_error const& error) {
            CHECK(std::string(error.what()).starts_with(expected));
            CHECK(error.code() == std::errc::address_in_use);
        }
        CHECK_THROWS_AS(second.open("no.such.host.invalid", 0), std::system_error);
        second.open("[::1]", 0);
        CHECK(second.port() != 0);
    }
}
