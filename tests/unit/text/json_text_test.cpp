#include "server/text/json_text.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace firn;
using text::JsonText;

TEST_CASE("json text: values stand between commas, whatever they are") {
    JsonText json;
    json.begin_object();
    json.member("text", "a").member("number", -7).member("large", std::uint64_t{18'446'744'073'709'551'615u});
    json.member("truth", true).member("nothing", nullptr);
    json.key("list").begin_array().value(1).value("2").begin_object().end_object();
    json.begin_array().end_array().end_array();
    json.member("no number", std::optional<std::int64_t>()).member("a number", std::optional(3));
    json.member("time", storage::Time(std::chrono::milliseconds(1'332'262'023'221)));
    json.end_object();
    CHECK(json.take() ==
          R"({"text":"a","number":-7,"large":18446744073709551615,"truth":true,"nothing":null,)"
          R"("list":[1,"2",{},[]],"no number":null,"a number":3,"time":"2012-03-20T16:47:03.221Z"})");
}

TEST_CASE("json text: text that ends with what structures begin with is text") {
    JsonText json;
    json.begin_array().value("[").value("{").value(":").value(",").value("").end_array();
    CHECK(json.take() == R"(["[","{",":",",",""])");
}

TEST_CASE("json text: every character comes out as the JSON library has it, and comes back") {
    std::string all;
    for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
    all += "grün, 氷河, 🧊";
    auto const expected = nlohmann::json{{all, all}};
    JsonText json;
    json.begin_object().member(all, all).end_object();
    auto const text = json.take();
    CHECK(text == expected.dump());
    CHECK(nlohmann::json::parse(text) == expected);
}
