#include "server/glacier/recent_answers.hpp"

#include <doctest/doctest.h>

using firn::glacier::RecentAnswers;

TEST_CASE("recent answers: the same question has its answer until the state is another") {
    RecentAnswers answers;
    CHECK_FALSE(answers.find(2, "who"));
    answers.keep(2, "who", "me");
    answers.keep(2, "where", "here");
    CHECK(answers.find(2, "who") == "me");
    CHECK(answers.find(2, "where") == "here");
    CHECK_FALSE(answers.find(4, "who"));
    // The past is forgotten, not brought back.
    CHECK_FALSE(answers.find(2, "who"));
    answers.keep(2, "who", "me");
    CHECK_FALSE(answers.find(2, "who"));
    CHECK_FALSE(answers.find(4, "who"));
}

TEST_CASE("recent answers: too many are forgotten, and room is made for new ones") {
    RecentAnswers answers;
    std::string const large(300 << 10, 'x');
    for (char c = 'a'; c <= 'z'; ++c) {
        answers.keep(2, std::string(1, c), large);
        CHECK(answers.find(2, std::string(1, c)) == large);
    }
    CHECK_FALSE(answers.find(2, "a"));
}
