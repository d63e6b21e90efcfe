// Bytes that no Glacier client sends: the server answers with an error or closes the connection, and goes on.
#include <doctest/doctest.h>

#include <random>

#include "tests/support/api_client.hpp"

using namespace firn::test;

namespace {

constexpr char version_line[] = "x-amz-glacier-version: 2012-06-01\r\n";

// Sends the bytes, reads what comes, and sees that the server still serves.
std::string provoke(Api& api, std::string const& bytes) {
    RawClient client(api.app().port());
    client.try_send(bytes);
    client.shutdown_send();
    std::string answer;
    try {
        answer = client.read_to_end();
    } catch (std::runtime_error const&) {
        // A reset is a closed connection, too.
    }
    CHECK(api.call("GET", "/-/vaults").status == 200);
    return answer;
}

}  // namespace

TEST_CASE("random bytes are refused") {
    Api api;
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        std::string bytes(1 + random() % 2000, '\0');
        for (auto& c : bytes) c = static_cast<char>(random());
        auto const answer = provoke(api, bytes);
        CHECK((answer.empty() || answer.starts_with("HTTP/1.1 400 ")));
    }
}

TEST_CASE("half a request leaves nothing behind") {
    Api api;
    api.create_vault("photos");
    provoke(api, "PUT /-/vaults/half HTTP/1.1\r\nHost: x\r\n" + std::string(version_line));
    provoke(api, "POST /-/vaults/photos/archives HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n" +
                     std::string(version_line) +
                     "x-amz-content-sha256: 00\r\nx-amz-sha256-tree-hash: 00\r\n\r\nhalf");
    CHECK(api.call("GET", "/-/vaults/half").status == 404);
    CHECK(nlohmann::json::parse(api.call("GET", "/-/vaults/photos").body)["NumberOfArchives"] == 0);
}

TEST_CASE("an endless head is cut off") {
    Api api;
    RawClient client(api.app().port());
    client.send("GET / HTTP/1.1\r\nX: ");
    std::string const piece(1 << 20, 'x');
    int taken = 0;
    while (taken < 200 && client.try_send(piece)) ++taken;
    CHECK(taken < 200);
    CHECK(api.call("GET", "/-/vaults").status == 200);
}

TEST_CASE("numbers that are no numbers are refused") {
    Api api;
    api.create_vault("photos");
    for (std::string const length : {"-1", "99999999999999999999999", "1e9", "0x10", "1 2", ""}) {
        CAPTURE(length);
        auto const answer =
            provoke(api, "POST /-/vaults/photos/archives HTTP/1.1\r\nHost: x\r\n" +
                             std::string(version_line) + "Content-Length: " + length + "\r\n\r\n");
        CHECK(answer.starts_with("HTTP/1.1 400 "));
    }
    for (std::string const limit : {"-1", "0", "1e3", "%00", "5;"}) {
        CAPTURE(limit);
        CHECK(api.call("GET", "/-/vaults/photos/jobs?limit=" + limit).status == 400);
    }
}

TEST_CASE("a request of two lengths is refused, so that nobody can smuggle a second one") {
    Api api;
    auto const head = "PUT /-/vaults/a HTTP/1.1\r\nHost: x\r\n" + std::string(version_line);
    auto const second = std::string("PUT /-/vaults/smuggled HTTP/1.1\r\nHost: x\r\n") + version_line + "\r\n";
    provoke(api, head + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + second);
    provoke(api, head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second);
    CHECK(api.call("GET", "/-/vaults/smuggled").status == 404);
}

TEST_CASE("two requests sent at once are answered one after the other") {
    Api api;
    RawClient client(api.app().port());
    auto const line = std::string(" HTTP/1.1\r\nHost: x\r\n") + version_line + "Content-Length: 0\r\n\r\n";
    client.send("PUT /-/vaults/a" + line + "GET /-/vaults/a" + line + "GET /-/vaults/b" + line);
    CHECK(client.read_reply().status == 201);
    CHECK(client.read_reply().status == 200);
    CHECK(client.read_reply().status == 404);
}

TEST_CASE("a target in absolute form, as clients send it to a proxy, is served") {
    Api api;
    RawClient client(api.app().port());
    RawFields const version = {{"x-amz-glacier-version", "2012-06-01"}};
    CHECK(client.request("PUT", "http://glacier.us-east-1.amazonaws.com/-/vaults/a", version).status == 201);
    for (std::string const start :
         {"http://glacier.us-east-1.amazonaws.com:80", "HTTPS://[::1]:443", "http://x"}) {
        CAPTURE(start);
        auto const reply = client.request("GET", start + "/-/vaults?limit=1", version);
        CHECK(reply.status == 200);
        CHECK(reply.body == api.call("GET", "/-/vaults?limit=1").body);
    }
    for (std::string const target :
         {"http://x", "http://x?limit=1", "http://user@x/-/vaults", "ftp://x/-/vaults", "http:///-/vaults",
          "http://x:port/-/vaults", "http://x/-/vaults#a"}) {
        CAPTURE(target);
        CHECK(error_text(client.request("GET", target, version)).starts_with("400 BadRequest: "));
    }
    CHECK(client.request("CONNECT", "glacier.us-east-1.amazonaws.com:443", version).status == 400);
}

TEST_CASE("the host of a target in absolute form decides who may use firn's own paths") {
    Api api;
    RawClient client(api.app().port());
    auto const clock = [&](std::string const& start, std::string const& host) {
        return client.request("GET", start + "/_firn/clock", {{"Host", host}}).status;
    };
    CHECK(clock("http://localhost:4522", "evil.example") == 200);
    CHECK(clock("http://[::1]", "evil.example") == 200);
    CHECK(clock("http://evil.example", "localhost") == 403);
    CHECK(clock("http://localhost@evil.example", "localhost") == 400);
    client.send("GET http://evil.example/_firn/clock HTTP/1.1\r\nHost: localhost\r\nHost: 127.0.0.1\r\n\r\n");
    CHECK(client.read_reply().status == 403);
}

TEST_CASE("firn's own paths answer JSON, and an unknown one is not found") {
    Api api;
    RawClient client(api.app().port());
    auto const health = client.request("GET", "/_firn/health");
    CHECK(health.status == 200);
    CHECK(nlohmann::json::parse(health.body)["status"] == "ok");
    CHECK(client.request("POST", "/_firn/health").status == 405);
    CHECK(client.request("GET", "/_firn/nothing").status == 404);
}
