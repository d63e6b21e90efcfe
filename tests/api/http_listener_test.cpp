// The listener's beginning and end: ports, and connections that are open when it stops.
#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <system_error>
#include <thread>

#include "server/http/listener.hpp"
#include "tests/support/http_server.hpp"

using namespace firn::http;
using namespace firn::test;
using namespace std::chrono_literals;

TEST_SUITE("http listener") {
    TEST_CASE("stop closes idle connections at once and lets a running request finish") {
        HttpServer server;
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
        HttpServer server(limits);
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
            Listener listener({context}, handler, limits);
            listener.open("127.0.0.1", 0);
            listener.start();
            std::thread thread([&] { context.run(); });
            RawClient idle(listener.port());
            RawClient running(listener.port());
            running.send("GET /hold HTTP/1.1\r\n\r\n");
            RawClient uploading(listener.port());
            uploading.send("PUT /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc");
            RawClient slow(listener.port());
            slow.send("GET /strings HTTP/1.1\r\nx-rate: 1\r\n\r\n");
            REQUIRE(!slow.read_some(1).empty());
            REQUIRE(soon([&] { return bool(reply = journal.take_held()); }));
            REQUIRE(soon([&] { return journal.alive == 3; }));
            context.stop();
            thread.join();
        }
        reply(text(200, "nobody waits"));
        reply = nullptr;
        CHECK(journal.alive == 0);
    }

    TEST_CASE("a port that is taken is said with its name") {
        HttpServer server;
        Journal journal;
        FakeHandler handler(journal);
        Limits const limits;
        boost::asio::io_context context;
        Listener second({context}, handler, limits);
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
