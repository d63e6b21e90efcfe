// What a connection may cost: time and memory; and how requests that are not HTTP are answered.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "tests/support/http_server.hpp"

using namespace firn::http;
using namespace firn::test;
using namespace std::chrono_literals;

TEST_SUITE("http limits") {
    TEST_CASE("a slow head gets 408, also when it trickles") {
        auto limits = short_limits();
        limits.header_timeout = 60ms;
        HttpServer server(limits);
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
        HttpServer server(limits);
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
        HttpServer server(limits);
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
        HttpServer server(limits);
        auto fresh = server.client();
        CHECK(fresh.read_to_end().empty());
        auto used = server.client();
        CHECK(used.request("GET", "/count").status == 200);
        CHECK(used.read_to_end().empty());
    }

    TEST_CASE("a connection too many is told so, and one that leaves makes room") {
        auto limits = short_limits();
        limits.connections_max = 2;
        HttpServer server(limits);
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
        HttpServer server;
        // A thread opens files while it gets going; one that has answered is done with that.
        auto first = server.client();
        CHECK(first.request("GET", "/count").status == 200);
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
        CHECK(server.journal.head_count() == 1);
        ::setrlimit(RLIMIT_NOFILE, &before);
        CHECK(client.read_reply().status == 200);
    }

    TEST_CASE("malformed heads get 400 and a closed connection") {
        HttpServer server;
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
        HttpServer server(limits);
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
        HttpServer server;
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
}
