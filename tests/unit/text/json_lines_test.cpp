#include "server/text/json_lines.hpp"

#include <doctest/doctest.h>

using firn::text::line_of;

namespace {

constexpr auto document = R"({
  "vaults": [
    {"name": "a",
     "archives": [
       {"text": "one", "count": 12
       },
       {"text":
         "two"}
     ]},
    {
      "name": "b"
    }
  ], "accounts": [1,
    2]
}
)";

}  // namespace

TEST_CASE("a place in a JSON text is found by its steps") {
    CHECK(line_of(document, {}) == 1);
    CHECK(line_of(document, {"vaults"}) == 2);
    CHECK(line_of(document, {"vaults", "0"}) == 3);
    CHECK(line_of(document, {"vaults", "0", "name"}) == 3);
    CHECK(line_of(document, {"vaults", "0", "archives"}) == 4);
    CHECK(line_of(document, {"vaults", "0", "archives", "0", "count"}) == 5);
    CHECK(line_of(document, {"vaults", "0", "archives", "1"}) == 7);
    CHECK(line_of(document, {"vaults", "1"}) == 10);
    CHECK(line_of(document, {"vaults", "1", "name"}) == 11);
    CHECK(line_of(document, {"accounts"}) == 13);
}

TEST_CASE("steps that lead nowhere lead as far as they can") {
    CHECK(line_of(document, {"vaults", "1", "archives", "0"}) == 10);
    CHECK(line_of(document, {"vaults", "7"}) == 2);
    CHECK(line_of(document, {"nothing"}) == 1);
}
