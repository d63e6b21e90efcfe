// One request after the other on a connection: heads, replies, and when they may come.
#include <doctest/doctest.h>

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/http_server.hpp"

using namespace firn::http;
using namespace firn::test;
using namespace std::chrono_literals;

TEST_SUITE("http session") {
    TEST_CASE("a connection serves one request after the other") {
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
        auto client = server.client();
        std::string const request =
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
            "chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
        for (char const c : request) client.send({&c, 1});
        CHECK(client.read_reply().body == "abcde");
        CHECK(client.request("GET", "/none").status == 403);
    }

    TEST_CASE("HEAD gets the length and no body") {
        HttpServer server;
        auto client = server.client();
        auto const reply = client.request("HEAD", "/strings");
        CHECK(reply.field("Content-Length") == std::to_string(64 * mib + 1));
        CHECK(client.request("HEAD", "/count").field("Content-Length") == "1");
        CHECK(client.request("GET", "/count").body == "0");
    }

    TEST_CASE("204 has neither body nor length") {
        HttpServer server;
        auto client = server.client();
        auto const reply = client.request("GET", "/nothing");
        CHECK(reply.status == 204);
        CHECK(!reply.field("Content-Length"));
        CHECK(client.request("GET", "/count").body == "0");
    }

    TEST_CASE("Connection: close and HTTP/1.0 are honoured") {
        HttpServer server;
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
        HttpServer server;
        auto client = server.client();
        client.send("GET /late HTTP/1.1\r\n\r\n");
        client.shutdown_send();
        CHECK(client.read_reply().body == "late");
        CHECK(client.closed());
    }

    TEST_CASE("what a handler throws is a plain 500") {
        HttpServer server;
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
        HttpServer server;
        auto client = server.client();
        for (int i = 0; i < 3; ++i) CHECK(client.request("GET", "/late").body == "late");
        std::vector<RawClient> clients;
        for (int i = 0; i < 20; ++i) clients.push_back(server.client());
        for (auto& each : clients) each.send("GET /late HTTP/1.1\r\n\r\n");
        for (auto& each : clients) CHECK(each.read_reply().body == "late");
    }

    TEST_CASE("a reply may come long after all time-outs") {
        Limits limits;
        limits.idle_timeout = limits.header_timeout = limits.body_timeout = 30ms;
        limits.write_timeout = limits.drain_timeout = 30ms;
        HttpServer server(limits);
        auto client = server.client();
        client.send("PUT /hold HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
        Exchange::Reply reply;
        REQUIRE(soon([&] { return bool(reply = server.journal.take_held()); }));
        std::this_thread::sleep_for(200ms);
        std::thread([reply = std::move(reply)] { reply(text(200, "held")); }).join();
        CHECK(client.read_reply().body == "held");
    }

    TEST_CASE("a client that goes while its reply is awaited leaves nothing behind") {
        HttpServer server;
        for (bool const resets : {true, false}) {
            CAPTURE(resets);
            auto client = server.client();
            client.send("GET /hold HTTP/1.1\r\n\r\n");
            Exchange::Reply reply;
            REQUIRE(soon([&] { return bool(reply = server.journal.take_held()); }));
            resets ? client.reset() : client.close();
            std::this_thread::sleep_for(20ms);
            CHECK(server.journal.alive == 1);
            std::thread([reply = std::move(reply)] { reply(text(200, pattern(20 * mib))); }).join();
            CHECK(soon([&] { return server.journal.alive == 0; }));
            CHECK(!server.journal.last_reply().whole);
        }
    }

    TEST_CASE("the handler knows the client's address") {
        HttpServer server(short_limits(), "::");
        RawClient v4(server.port());
        RawClient v6(server.port(), "::1");
        for (int i = 0; i < 2; ++i) {
            CHECK(v4.request("GET", "/count").status == 200);
            CHECK(v6.request("GET", "/count").status == 200);
        }
        HttpServer plain;
        CHECK(plain.client().request("GET", "/count").status == 200);
        std::lock_guard const lock(server.journal.mutex);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(server.journal.heads.at(i).peer_address == (i % 2 == 0 ? "127.0.0.1" : "::1"));
        }
        std::lock_guard const lock_plain(plain.journal.mutex);
        CHECK(plain.journal.heads.at(0).peer_address == "127.0.0.1");
    }
}
