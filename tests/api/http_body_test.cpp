// The bodies of requests: Expect, chunks, and those that are refused or not wanted to their end.
#include <doctest/doctest.h>

#include <mutex>
#include <vector>

#include "tests/support/http_server.hpp"

using namespace firn::http;
using namespace firn::test;
using namespace std::chrono_literals;

TEST_SUITE("http bodies") {
    TEST_CASE("100 Continue is sent before the body is read") {
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
        auto client = server.client();
        CHECK(client.request("PUT", "/none", {}, pattern(60'000)).status == 403);
        CHECK(client.request("PUT", "/early", {}, pattern(60'000)).status == 403);
        CHECK(client.request("PUT", "/echo", {}, "abc").body == "abc");
    }

    TEST_CASE("a client that sends 64 MiB before it reads can read the refusal") {
        HttpServer server;
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
        HttpServer server(limits);
        auto client = server.client();
        client.send("PUT /none HTTP/1.1\r\nContent-Length: 100000000\r\n\r\nabc");
        CHECK(client.read_reply().status == 403);
        CHECK(client.closed());
    }

    TEST_CASE("a body that is given up in its middle gets 408, and the client can read it") {
        HttpServer server;
        auto const body = pattern(8 * mib);
        auto whole = server.client();
        auto const reply = whole.request("PUT", "/midway", {{"x-status", "408"}}, body);
        CHECK(reply.status == 408);
        CHECK(reply.field("Connection") == "close");
        CHECK(whole.read_to_end().empty());

        auto chunked = server.client();
        chunked.send("PUT /midway HTTP/1.1\r\nx-status: 408\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (std::uint64_t i = 0; i < 8; ++i) chunked.send(chunk(body.substr(i * mib, mib)));
        chunked.send("0\r\n\r\n");
        CHECK(chunked.read_reply().status == 408);
        CHECK(chunked.read_to_end().empty());
    }

    TEST_CASE("a body that is given up is answered while the client still sends") {
        HttpServer server;
        auto const body = pattern(8 * mib);
        auto client = server.client();
        client.send("PUT /midway HTTP/1.1\r\nx-status: 408\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n");
        client.send(body.substr(0, 2 * mib));
        CHECK(client.read_reply().status == 408);
        CHECK(client.try_send(body.substr(2 * mib)));
        CHECK(client.read_to_end().empty());
        CHECK(soon([&] { return server.journal.alive == 0; }));
        CHECK(server.journal.received_bytes < 2 * mib);
    }
}
