#include "server/glacier/reply.hpp"

#include <doctest/doctest.h>

#include <spdlog/spdlog.h>

#include "server/text/json_object.hpp"

using namespace firn::glacier;

namespace {

template <typename Thrown>
std::string told_of(Thrown const& thrown) {
    auto const error = error_of(std::make_exception_ptr(thrown), "id");
    return std::to_string(error.status) + " " + error.code + ": " + error.message;
}

}  // namespace

TEST_CASE("what an operation throws is told as what it is, and only the rest as a failure of firn") {
    CHECK(told_of(errors::job_not_found("x")) ==
          "404 ResourceNotFoundException: The job ID was not found: x");
    CHECK(told_of(firn::text::JsonError("x")) == "400 SerializationException: SerializationException");
    auto const level = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);
    CHECK(told_of(std::runtime_error("x")) == "500 ServiceUnavailableException: Internal error.");
    spdlog::set_level(level);
}

TEST_CASE("a service error is an exception that says its message") {
    try {
        throw errors::bad_request("message", "hint");
    } catch (std::exception const& error) {
        CHECK(error.what() == std::string("message"));
    }
}

TEST_CASE("an error of the table has its status and layout, and those that deviate say so") {
    CHECK(errors::foreign_account("1").layout == ErrorLayout::authorization);
    CHECK(errors::access_denied("", "").layout == ErrorLayout::service);
    CHECK(errors::access_denied("", "").status == 403);
    CHECK(errors::too_many_connections().status == 503);
    CHECK(errors::too_many_connections().message == "Internal error.");
    CHECK(error_of_code("ServiceUnavailableException", "").value().message == "Service is unavailable.");
    CHECK(error_of_code("ThrottlingException", "").value().status == 400);
    CHECK(error_of_code("NoLongerSupportedException", "").value().message ==
          "This API is no longer supported for new accounts. Please use S3 Glacier storage classes instead. "
          "Please contact AWS Support if you believe this is an error.");
    CHECK(error_of_code("UnrecognizedClientException", "").value().status == 403);
    CHECK_FALSE(error_of_code("NoSuchException", ""));
}
