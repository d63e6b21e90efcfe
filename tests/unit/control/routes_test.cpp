#include "server/control/routes.hpp"

#include <doctest/doctest.h>

#include <set>

#include "server/control/openapi.hpp"

using namespace firn::control;

namespace {

std::string refusal_of(std::string_view method, std::vector<std::string> const& segments) {
    std::map<std::string, std::string, std::less<>> parameters;
    try {
        find_route(method, segments, parameters);
        return "";
    } catch (Refusal const& refusal) {
        return std::to_string(refusal.status) + " " + refusal.message;
    }
}

}  // namespace

TEST_CASE("the description of the control surface lists exactly its routes") {
    std::set<std::string> described;
    auto const document = nlohmann::json::parse(openapi_files.front().text);
    for (auto const& [path, methods] : document["paths"].items()) {
        for (auto const& [method, operation] : methods.items()) described.insert(method + " " + path);
    }
    std::set<std::string> served;
    for (auto const& route : routes()) {
        std::string method;
        for (char const c : route.method) method += static_cast<char>(std::tolower(c));
        served.insert(method + " /_firn/" + std::string(route.pattern));
    }
    CHECK(described == served);
}

TEST_CASE("a route is found by its path, and says what stands for its parameters") {
    std::map<std::string, std::string, std::less<>> parameters;
    auto const pattern = [&](std::string_view method, std::vector<std::string> const& segments) {
        return find_route(method, segments, parameters).pattern;
    };
    CHECK(pattern("POST", {"_firn", "jobs", "a/b", "fail"}) == "jobs/{job_id}/fail");
    CHECK(parameters.at("job_id") == "a/b");
    CHECK(pattern("GET", {"_firn", "jobs"}) == "jobs");
    CHECK(parameters.empty());
}

TEST_CASE("what is not there is told apart from what is done in another way") {
    CHECK(refusal_of("GET", {"_firn", "nothing"}).starts_with("404 there is no /_firn/nothing"));
    CHECK(refusal_of("GET", {"_firn"}).starts_with("404"));
    CHECK(refusal_of("GET", {"_firn", "clock", "freeze"}) == "405 /_firn/clock/freeze takes POST");
    CHECK(refusal_of("PATCH", {"_firn", "faults"}) == "405 /_firn/faults takes GET, POST, DELETE");
}
