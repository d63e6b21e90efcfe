#include "server/text/nearest.hpp"

#include <doctest/doctest.h>

using firn::text::edit_distance;
using firn::text::find_nearest;

TEST_CASE("a misspelled word is near the one that was meant") {
    std::vector<std::string> const known = {"standard", "timing", "port", "port-file"};
    CHECK(find_nearest("timng", known) == "timing");
    CHECK(find_nearest("tming", known) == "timing");
    CHECK(find_nearest("timingg", known) == "timing");
    CHECK(find_nearest("standart", known) == "standard");
    CHECK(find_nearest("port_file", known) == "port-file");
    CHECK(find_nearest("port", known) == "port");
    CHECK(find_nearest("prot", known) == "port");
    CHECK(find_nearest("TIMING", known) == "timing");
}

TEST_CASE("the distance of two texts is the least number of changes") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("abcd", "badc") == 2);
    CHECK(edit_distance("ABC", "abc") == 0);
}

TEST_CASE("a word that nobody meant is near none") {
    std::vector<std::string> const known = {"timing", "port"};
    CHECK_FALSE(find_nearest("colour", known));
    CHECK_FALSE(find_nearest("", known));
    CHECK_FALSE(find_nearest("timing", {}));
}
