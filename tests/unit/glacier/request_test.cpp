#include "server/glacier/request.hpp"

#include <doctest/doctest.h>

using namespace firn::glacier;

// reference/glacier-api.md 1.7 and 1.8
TEST_CASE("a vault's name has 1 to 255 of its characters, and its ARN the region's partition") {
    CHECK(is_vault_name("aZ0_-."));
    CHECK(is_vault_name(std::string(255, 'v')));
    CHECK_FALSE(is_vault_name(std::string(256, 'v')));
    for (auto const* const name : {"", "a b", "a/b", "a:b", "\xc3\xa9", "a\n"})
        CHECK_FALSE(is_vault_name(name));
    CHECK(vault_arn({"123456789012", "us-east-1"}, "v") == "arn:aws:glacier:us-east-1:123456789012:vaults/v");
    CHECK(vault_arn({"123456789012", "cn-north-1"}, "v") ==
          "arn:aws-cn:glacier:cn-north-1:123456789012:vaults/v");
}
