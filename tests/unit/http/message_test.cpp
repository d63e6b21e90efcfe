#include <doctest/doctest.h>

#include "server/http/message.hpp"
#include "server/http/reply_writer.hpp"

using namespace firn::http;

TEST_CASE("fields keep their order and are found without regard to case") {
    Fields fields;
    fields.add("X-Amz-B", "1");
    fields.add("x-amz-a", "2");
    fields.add("x-amz-b", "3");
    CHECK(fields.find("x-AMZ-b") == "1");
    CHECK(fields.find("x-amz-a") == "2");
    CHECK(!fields.find("x-amz"));
    CHECK(!fields.find(""));
    std::string order;
    for (auto const& [name, value] : fields) order += name + value + " ";
    CHECK(order == "X-Amz-B1 x-amz-a2 x-amz-b3 ");
}

TEST_CASE("a reply's head carries the handler's fields as given and the length") {
    Response response;
    response.status = 201;
    response.fields.add("x-amzn-RequestId", "abc");
    response.fields.add("Location", "/-/vaults/v");
    CHECK(reply_head(response, 7, {}) ==
          "HTTP/1.1 201 Created\r\nx-amzn-RequestId: abc\r\nLocation: /-/vaults/v\r\nContent-Length: "
          "7\r\n\r\n");
}

TEST_CASE("what is the session's to say is said once") {
    Response response;
    response.fields.add("content-length", "99");
    response.fields.add("connection", "keep-alive");
    ReplyManner manner;
    manner.close = true;
    CHECK(reply_head(response, 0, manner) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST_CASE("204 tells no length, an unknown status has a reason, HTTP/1.0 hears that the connection stays") {
    Response response;
    response.status = 204;
    ReplyManner manner;
    manner.to_http_1_0 = true;
    CHECK(reply_head(response, 0, manner) == "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    response.status = 299;
    CHECK(reply_head(response, 0, {}).starts_with("HTTP/1.1 299 "));
}

TEST_CASE("a line end in a value cannot start another field") {
    Response response;
    response.fields.add("x-firn-hint", "a\r\nSet-Cookie: b");
    CHECK(reply_head(response, 0, {}) ==
          "HTTP/1.1 200 OK\r\nx-firn-hint: a  Set-Cookie: b\r\nContent-Length: 0\r\n\r\n");
}
