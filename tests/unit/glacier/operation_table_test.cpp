#include "server/glacier/operation_table.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace firn::glacier;

namespace {

std::string replaced(std::string text, std::string_view part, std::string_view by) {
    auto const found = text.find(part);
    return found == text.npos ? text : text.replace(found, part.size(), by);
}

std::string sample_target(Operation const& operation) {
    auto path = "/" + std::string(operation.pattern);
    path = replaced(path, "{account}", "-");
    path = replaced(path, "{vault}", "examplevault");
    path = replaced(path, "{id}", "-id_1");
    return operation.query.empty() ? path : path + "?" + std::string(operation.query);
}

Operation const* find(std::string_view method, std::string_view text) {
    auto const target = firn::http::parse_target(text);
    return target ? find_operation(method, *target) : nullptr;
}

// The name of the operation, empty for none.
std::string_view name_of(std::string_view method, std::string_view target) {
    auto const* const operation = find(method, target);
    return operation != nullptr ? operation->name : "";
}

std::string parameter_of(std::string_view method, std::string_view text, std::string_view parameter) {
    auto const target = firn::http::parse_target(text);
    return std::string(path_parameter(*find_operation(method, *target), *target, parameter));
}

}  // namespace

TEST_CASE("there are 33 operations, no two of one name or of one request line") {
    std::set<std::string_view> names;
    std::set<std::string> request_lines;
    for (auto const& operation : operations()) {
        names.insert(operation.name);
        request_lines.insert(std::string(operation.method) + " " + sample_target(operation));
    }
    CHECK(operations().size() == 33);
    CHECK(names.size() == 33);
    CHECK(request_lines.size() == 33);
}

TEST_CASE("every operation is found by its method and path, with what the path names") {
    for (auto const& operation : operations()) {
        CAPTURE(operation.name);
        auto const text = sample_target(operation);
        CHECK(find(operation.method, text) == &operation);
        CHECK(parameter_of(operation.method, text, "account") == "-");
        bool const has_vault = operation.pattern.find("{vault}") != std::string_view::npos;
        CHECK(parameter_of(operation.method, text, "vault") == (has_vault ? "examplevault" : ""));
        bool const has_id = operation.pattern.find("{id}") != std::string_view::npos;
        CHECK(parameter_of(operation.method, text, "id") == (has_id ? "-id_1" : ""));
    }
}

TEST_CASE("paging parameters do not stand in the way of an operation") {
    CHECK(name_of("GET", "/123456789012/vaults?limit=&marker=") == "ListVaults");
    CHECK(name_of("GET", "/-/vaults/v/jobs?completed=true&limit=5&statuscode=Succeeded") == "ListJobs");
    CHECK(name_of("POST", "/-/vaults/v/tags?x=y&operation=add") == "AddTagsToVault");
}

TEST_CASE("tags are added or removed as the query says, and the query must say") {
    CHECK(name_of("POST", "/-/vaults/v/tags?operation=add") == "AddTagsToVault");
    CHECK(name_of("POST", "/-/vaults/v/tags?operation=remove") == "RemoveTagsFromVault");
    CHECK(name_of("GET", "/-/vaults/v/tags") == "ListTagsForVault");
    CHECK(name_of("POST", "/-/vaults/v/tags").empty());
    CHECK(name_of("POST", "/-/vaults/v/tags?operation=").empty());
    CHECK(name_of("POST", "/-/vaults/v/tags?operation=ADD").empty());
}

TEST_CASE("an unknown path or method is no operation") {
    for (auto const* const target :
         {"/", "/-", "/-/vault", "/-/vaults/v/archives", "/-/vaults/v/archives/a", "/vaults/v",
          "/-/vaults/v/jobs/j/output/x", "/-/vaults/v/multipart-uploads/u/1", "/-/policies", "/-/Vaults",
          "//-/vaults", "/-/vaults/v/lock-policy/1"}) {
        CAPTURE(target);
        CHECK(name_of("GET", target).empty());
    }
    CHECK(name_of("PATCH", "/-/vaults/v").empty());
    CHECK(name_of("HEAD", "/-/vaults/v").empty());
    CHECK(name_of("get", "/-/vaults/v").empty());
    CHECK(name_of("", "/-/vaults/v").empty());
}

TEST_CASE("an encoded slash stays within its segment") {
    CHECK(name_of("GET", "/-/vaults/a%2Fb") == "DescribeVault");
    CHECK(parameter_of("GET", "/-/vaults/a%2Fb", "vault") == "a/b");
    CHECK(name_of("GET", "/-/vaults/a%2fjobs") == "DescribeVault");
    CHECK(name_of("GET", "/-%2Fvaults").empty());
}

TEST_CASE("dots are names of vaults like any other") {
    CHECK(name_of("PUT", "/-/vaults/..") == "CreateVault");
    CHECK(parameter_of("PUT", "/-/vaults/..", "vault") == "..");
    CHECK(parameter_of("PUT", "/-/vaults/.", "vault") == ".");
    CHECK(parameter_of("PUT", "/-/vaults/%2E%2e", "vault") == "..");
    CHECK(name_of("GET", "/-/vaults/../jobs") == "ListJobs");
    CHECK(parameter_of("GET", "/-/vaults/v/jobs/../output", "id") == "..");
}

TEST_CASE("a dot in place of the account is kept") {
    CHECK(firn::http::parse_target("/./vaults/v")->segments == std::vector<std::string>{".", "vaults", "v"});
    CHECK(firn::http::parse_target("/../vaults/v")->segments ==
          std::vector<std::string>{"..", "vaults", "v"});
    CHECK(name_of("GET", "/./-/vaults").empty());
}
