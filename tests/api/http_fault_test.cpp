// Replies whose wire fails on purpose, byte by byte as the client sees them.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <system_error>

#include "tests/support/http_server.hpp"

using namespace firn::http;
using namespace firn::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// What a client that wants a reply finds: a reset, and not one byte before it.
bool finds_reset(RawClient& client) {
    try {
        client.read_some(1);
        return false;
    } catch (std::system_error const& error) {
        return error.code() == std::errc::connection_reset;
    }
}

// The three kinds of body, of the same bytes.
RawFields const sized{{"x-size", "5300000"}};
constexpr std::uint64_t size_bytes = 5'300'000;

RawReply ask(RawClient& client, std::string const& target, RawFields fields) {
    fields.insert(fields.end(), sized.begin(), sized.end());
    if (target == "/echo") return client.request("PUT", target, fields, pattern(size_bytes));
    return client.request("GET", target, fields);
}

// Head and body as they come until the connection closes.
std::string ask_to_end(RawClient& client, std::string const& target, std::string const& fault) {
    auto const size = std::to_string(size_bytes);
    auto const head = " HTTP/1.1\r\nx-size: " + size + "\r\n" + fault + "\r\n";
    if (target == "/echo") {
        client.send("PUT /echo" + head + "Content-Length: " + size + "\r\n\r\n" + pattern(size_bytes));
    } else {
        client.send("GET " + target + head + "\r\n");
    }
    return client.read_to_end();
}

}  // namespace

TEST_SUITE("http faults") {
    TEST_CASE("a reset comes instead of an answer") {
        HttpServer server;
        for (std::string const request : {
                 "GET /count HTTP/1.1\r\nx-reset: 1\r\n\r\n",
                 "HEAD /file HTTP/1.1\r\nx-reset: 1\r\nx-size: 1000\r\n\r\n",
                 "PUT /echo HTTP/1.1\r\nx-reset: 1\r\nContent-Length: 3\r\n\r\nabc",
                 // Not read to the end, and not waited for.
                 "PUT /none HTTP/1.1\r\nx-reset: 1\r\nContent-Length: 60000\r\n\r\nabc",
                 "PUT /early HTTP/1.1\r\nx-reset: 1\r\nContent-Length: 8000000\r\n\r\nabc",
                 "PUT /early HTTP/1.1\r\nx-reset: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                 "PUT /none HTTP/1.1\r\nx-reset: 1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
             }) {
            CAPTURE(request);
            auto client = server.client();
            client.send(request);
            CHECK(finds_reset(client));
            CHECK(soon([&] { return server.journal.alive == 0; }));
            CHECK(!server.journal.last_reply().whole);
            CHECK(server.journal.last_reply().body_bytes == 0);
        }
        CHECK(server.client().request("GET", "/count").status == 200);
    }

    TEST_CASE("a reset reaches a client that is still sending") {
        HttpServer server;
        auto client = server.client();
        client.send("PUT /early HTTP/1.1\r\nx-reset: 1\r\nContent-Length: 100000000\r\n\r\n");
        std::string body;
        body.resize(100'000'000);
        CHECK(!client.try_send(body));
        CHECK(soon([&] { return server.journal.alive == 0; }));
    }

    TEST_CASE("a cut body ends the connection, and what came before it arrives") {
        HttpServer server;
        for (std::string const target : {"/echo", "/strings", "/file"}) {
            for (std::uint64_t const cut : {0, 1, 10, 100'000, 123'456, 5'242'890, 5'299'999}) {
                CAPTURE(target);
                CAPTURE(cut);
                auto client = server.client();
                auto const all = ask_to_end(client, target, "x-cut: " + std::to_string(cut));
                auto const body_at = all.find("\r\n\r\n") + 4;
                CHECK(all.find("\r\nContent-Length: 5300000\r\n") < body_at);
                CHECK(all.find("Connection") == std::string::npos);
                CHECK(all.substr(body_at) == pattern(cut));
                CHECK(soon([&] { return server.journal.alive == 0; }));
                CHECK(!server.journal.last_reply().whole);
                CHECK(server.journal.last_reply().body_bytes == cut);
            }
        }
    }

    TEST_CASE("a cut reply arrives also where the request's body was not read") {
        HttpServer server;
        for (std::uint64_t const size : {60'000, 8'000'000}) {
            auto client = server.client();
            client.send("PUT /early HTTP/1.1\r\nx-cut: 1\r\nContent-Length: " + std::to_string(size) +
                        "\r\n\r\n" + pattern(size));
            CHECK(client.read_to_end().ends_with("\r\n\r\nn"));
        }
        // The client sees the end without having sent all.
        auto client = server.client();
        client.send("PUT /early HTTP/1.1\r\nx-cut: 1\r\nContent-Length: 8000000\r\n\r\nabc");
        CHECK(client.read_to_end().ends_with("\r\n\r\nn"));
    }

    TEST_CASE("a fault at the end of the body or beyond it changes nothing") {
        HttpServer server;
        auto client = server.client();
        for (std::string const fault : {"x-cut", "x-flip"}) {
            for (std::string const at : {"3", "4", "18446744073709551615"}) {
                CHECK(client.request("PUT", "/echo", {{fault, at}}, "abc").body == "abc");
            }
            CHECK(client.request("GET", "/nothing", {{fault, "0"}}).status == 204);
            CHECK(client.request("PUT", "/echo", {{fault, "0"}}).body.empty());
            CHECK(client.request("HEAD", "/file", {{fault, "0"}, {"x-size", "1000"}}).status == 200);
        }
        CHECK(soon([&] { return server.journal.reply_count() == 12; }));
        for (auto const& reply : server.journal.all_replies()) CHECK(reply.whole);
    }

    TEST_CASE("one byte is inverted, and only that one") {
        HttpServer server;
        auto client = server.client();
        for (std::string const target : {"/echo", "/strings", "/file"}) {
            for (std::uint64_t const at : {0, 9, 10, 11, 99'999, 100'000, 5'242'889, 5'242'890, 5'299'999}) {
                CAPTURE(target);
                CAPTURE(at);
                auto expected = pattern(size_bytes);
                expected[at] = static_cast<char>(~expected[at]);
                CHECK(ask(client, target, {{"x-flip", std::to_string(at)}}).body == expected);
            }
        }
        CHECK(server.journal.last_reply().whole);
    }

    TEST_CASE("an inverted byte and a cut go together") {
        HttpServer server;
        auto client = server.client();
        auto const all = ask_to_end(client, "/file", "x-cut: 20\r\nx-flip: 19");
        auto expected = pattern(20);
        expected[19] = static_cast<char>(~expected[19]);
        CHECK(all.substr(all.find("\r\n\r\n") + 4) == expected);
    }

    TEST_CASE("bytes that cannot be had end a faulty reply short, as they do others") {
        HttpServer server;
        for (std::string const target : {"/throw-next", "/short-file"}) {
            for (std::string const fault :
                 {"x-flip: 1048586", "x-flip: 5", "x-cut: 1048576", "x-rate: 1000000000"}) {
                CAPTURE(target);
                CAPTURE(fault);
                auto client = server.client();
                client.send("GET " + target + " HTTP/1.1\r\n" + fault + "\r\n\r\n");
                auto const all = client.read_to_end();
                CHECK(all.size() > 400'000);
                CHECK(all.size() < 1100'000);
                CHECK(soon([&] { return server.journal.alive == 0; }));
                CHECK(!server.journal.last_reply().whole);
            }
        }
    }

    TEST_CASE("a slow body takes its time, and comes in small pieces") {
        auto limits = short_limits();
        limits.idle_timeout = limits.write_timeout = 40ms;
        HttpServer server(limits);
        for (std::string const target : {"/echo", "/strings", "/file"}) {
            CAPTURE(target);
            auto client = server.client();
            auto const start = Clock::now();
            client.send((target == "/echo" ? "PUT " : "GET ") + target +
                        " HTTP/1.1\r\nx-rate: 10000\r\nx-size: 3000\r\nContent-Length: " +
                        (target == "/echo" ? "3000\r\n\r\n" + pattern(3000) : "0\r\n\r\n"));
            std::string all = client.read_some(1000);
            int reads = 1;
            for (; !all.ends_with(pattern(10, 2990)); ++reads) {
                auto const some = client.read_some(10'000);
                REQUIRE(!some.empty());
                all += some;
            }
            CHECK(reads > 2);
            CHECK(Clock::now() - start >= 300ms);
            CHECK(Clock::now() - start < 3s);
            CHECK(all.substr(all.find("\r\n\r\n") + 4) == pattern(3000));
            CHECK(soon([&] { return server.journal.alive == 0; }));
            CHECK(server.journal.last_reply().whole);
        }
    }

    TEST_CASE("a rate that the wire reaches anyhow, with the other faults") {
        HttpServer server;
        auto client = server.client();
        auto expected = pattern(size_bytes);
        expected[1000] = static_cast<char>(~expected[1000]);
        for (std::string const target : {"/echo", "/strings", "/file"}) {
            RawFields const fast{{"x-rate", "18446744073709551615"}, {"x-flip", "1000"}};
            CHECK(ask(client, target, fast).body == expected);
        }
        auto const all = ask_to_end(client, "/file", "x-rate: 30000000\r\nx-cut: 1000001\r\nx-flip: 5");
        CHECK(all.substr(all.find("\r\n\r\n") + 4).size() == 1'000'001);
    }

    TEST_CASE("a client that leaves a slow reply is noticed") {
        HttpServer server;
        auto client = server.client();
        client.send("GET /file HTTP/1.1\r\nx-rate: 100\r\nx-size: 5300000\r\n\r\n");
        client.read_some(1000);
        client.reset();
        CHECK(soon([&] { return server.journal.alive == 0; }));
        CHECK(!server.journal.last_reply().whole);
    }

    TEST_CASE("stop ends the slowness, and the rest arrives at once") {
        HttpServer server;
        auto slow = server.client();
        slow.send("GET /file HTTP/1.1\r\nx-rate: 0\r\nx-size: 5300000\r\n\r\n");
        auto const first = slow.read_some(1000);
        auto const start = Clock::now();
        auto stopped = server.stop();
        auto const all = first + slow.read_to_end();
        CHECK(stopped.wait_for(5s) == std::future_status::ready);
        CHECK(Clock::now() - start < 5s);
        CHECK(all.substr(all.find("\r\n\r\n") + 4) == pattern(size_bytes));
        CHECK(server.journal.last_reply().whole);
    }

    TEST_CASE("stop closes a slow reply that nobody takes after its time-out") {
        auto limits = short_limits();
        limits.stop_timeout = 50ms;
        HttpServer server(limits);
        auto slow = server.client();
        slow.send("GET /strings HTTP/1.1\r\nx-rate: 1\r\n\r\n");
        slow.read_some(1000);
        auto stopped = server.stop();
        CHECK(stopped.wait_for(3s) == std::future_status::ready);
        CHECK(server.journal.alive == 0);
        CHECK(!server.journal.last_reply().whole);
    }
}
