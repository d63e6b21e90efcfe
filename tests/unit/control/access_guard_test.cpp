#include "server/control/access_guard.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using firn::control::AccessGuard;
using firn::http::RequestHead;

namespace {

RequestHead request(std::string peer, std::string host, std::string origin = "", std::string site = "") {
    RequestHead head;
    head.peer_address = std::move(peer);
    if (!host.empty()) head.fields.add("Host", std::move(host));
    if (!origin.empty()) head.fields.add("Origin", std::move(origin));
    if (!site.empty()) head.fields.add("Sec-Fetch-Site", std::move(site));
    return head;
}

bool admits(AccessGuard const& guard, RequestHead const& head) {
    return !guard.find_fault(head);
}

}  // namespace

TEST_CASE("this machine may use the control surface, other hosts may not") {
    AccessGuard const guard({});
    CHECK(admits(guard, request("127.0.0.1", "127.0.0.1:4522")));
    CHECK(admits(guard, request("127.9.9.9", "localhost")));
    CHECK(admits(guard, request("::1", "[::1]:4522")));
    CHECK_FALSE(admits(guard, request("10.0.0.5", "127.0.0.1:4522")));
    CHECK_FALSE(admits(guard, request("", "127.0.0.1")));
}

TEST_CASE("addresses and networks can be allowed") {
    AccessGuard const guard({"10.0.0.0/8", "192.168.1.7", "fd00::/16", "2001:db8::1"});
    CHECK(admits(guard, request("10.255.0.1", "10.0.0.1")));
    CHECK(admits(guard, request("192.168.1.7", "10.0.0.1")));
    CHECK_FALSE(admits(guard, request("192.168.1.8", "10.0.0.1")));
    CHECK_FALSE(admits(guard, request("11.0.0.1", "10.0.0.1")));
    CHECK(admits(guard, request("fd00::5", "[fd00::1]")));
    CHECK_FALSE(admits(guard, request("fd01::5", "[fd00::1]")));
    CHECK(admits(guard, request("2001:db8::1", "[fd00::1]")));
    CHECK_FALSE(admits(guard, request("2001:db8::2", "[fd00::1]")));
}

TEST_CASE("a name that was made to point here is refused, unless it is allowed") {
    CHECK_FALSE(admits(AccessGuard({}), request("127.0.0.1", "attacker.example:4522")));
    CHECK_FALSE(admits(AccessGuard({}), request("127.0.0.1", "")));
    CHECK_FALSE(admits(AccessGuard({}), request("127.0.0.1", "127.0.0.1.attacker.example")));
    CHECK(admits(AccessGuard({"firn"}), request("127.0.0.1", "FIRN:4522")));
    CHECK_FALSE(admits(AccessGuard({"firn"}), request("10.0.0.1", "firn")));
    CHECK(admits(AccessGuard({"*"}), request("10.0.0.1", "anything.example")));
}

TEST_CASE("pages of another origin are refused, whoever is allowed") {
    for (auto const& hosts : {std::vector<std::string>{}, std::vector<std::string>{"*"}}) {
        AccessGuard const guard(hosts);
        CHECK(admits(guard, request("127.0.0.1", "127.0.0.1:4522", "http://127.0.0.1:4522", "same-origin")));
        CHECK_FALSE(admits(guard, request("127.0.0.1", "127.0.0.1:4522", "http://attacker.example")));
        CHECK_FALSE(admits(guard, request("127.0.0.1", "127.0.0.1:4522", "http://127.0.0.1:8080")));
        CHECK_FALSE(admits(guard, request("127.0.0.1", "127.0.0.1:4522", "null")));
        CHECK_FALSE(admits(guard, request("127.0.0.1", "127.0.0.1:4522", "", "cross-site")));
        CHECK_FALSE(admits(guard, request("127.0.0.1", "127.0.0.1:4522", "", "same-site")));
    }
}

TEST_CASE("what is no host is not taken for one") {
    CHECK_THROWS_AS(AccessGuard({"10.0.0.0/99"}), std::runtime_error);
    CHECK_THROWS_AS(AccessGuard({"http://a"}), std::runtime_error);
    CHECK_THROWS_AS(AccessGuard({""}), std::runtime_error);
}
