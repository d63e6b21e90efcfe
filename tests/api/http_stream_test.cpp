// Replies that are produced while they are sent, and clients that do not take them.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/support/http_server.hpp"

using namespace firn::http;
using namespace firn::test;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

long memory_in_use_kib() {
    std::ifstream statm("/proc/self/statm");
    long total = 0, resident = 0;
    statm >> total >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

}  // namespace

TEST_SUITE("http streams") {
    TEST_CASE("64 MiB of pieces and of a file go out whole, in bounded memory") {
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server;
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
        HttpServer server(limits);
        auto strings = server.client();
        strings.send("GET /strings HTTP/1.1\r\n\r\n");
        auto file = server.client();
        file.send("GET /file HTTP/1.1\r\n\r\n");
        CHECK(soon([&] { return server.journal.reply_count() == 2; }));
        CHECK(!server.journal.last_reply().whole);
    }
}
