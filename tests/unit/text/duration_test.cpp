#include "server/text/duration.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace firn;
using namespace std::chrono_literals;
using text::DurationRange;
using text::parse_duration;
using text::parse_duration_range;

TEST_CASE("a duration has one unit or several") {
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("5m") == 5min);
    CHECK(parse_duration("12h") == 12h);
    CHECK(parse_duration("2d") == 48h);
    CHECK(parse_duration("1w") == 168h);
    CHECK(parse_duration("1h30m") == 90min);
    CHECK(parse_duration("1d12h") == 36h);
    CHECK(parse_duration("1w2d3h4m5s6ms") == 168h + 48h + 3h + 4min + 5s + 6ms);
    CHECK(parse_duration("90") == 90s);
    CHECK(parse_duration("0") == 0s);
}

TEST_CASE("a duration can have a fraction, to the millisecond") {
    CHECK(parse_duration("1.5h") == 90min);
    CHECK(parse_duration("0.25s") == 250ms);
    CHECK(parse_duration("1h0.5m") == 60min + 30s);
    CHECK(parse_duration("0.0001s") == 0ms);
}

TEST_CASE("other texts are no durations") {
    for (auto const* const text : {"",       "s",     "soon",
                                   "-1s",    "+1s",   "1y",
                                   "1 h",    " 1h",   "1h ",
                                   "1h 30m", "1h30",  "5s5",
                                   "5s5s",   "30m1h", "1H",
                                   "1e3s",   "0x10s", "nan",
                                   "inf",    "1e30d", "2hours",
                                   "1,5h",   ".",     "1h-2h",
                                   "1.2.3s", "1h.m",  "99999999999999999999w"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("a range has two durations, or one that is both ends") {
    CHECK(parse_duration_range("3h-5h") == DurationRange(3h, 5h));
    CHECK(parse_duration_range("1h30m-2h") == DurationRange(90min, 2h));
    CHECK(parse_duration_range("5s-5s") == DurationRange(5s));
    CHECK(parse_duration_range("90s") == DurationRange(90s));
    CHECK(parse_duration_range("5") == DurationRange(5s));
    for (auto const* const text : {"", "-", "3h-", "-5h", "5h-3h", "3-5h", "3h-5", "3-5", "1h-2h-3h",
                                   "3h - 5h", "3h..5h", "soon-later"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration_range(text));
    }
}

TEST_CASE("a duration is written as it is read") {
    CHECK(text::format_duration(0ms) == "0s");
    CHECK(text::format_duration(20s) == "20s");
    CHECK(text::format_duration(12h) == "12h");
    CHECK(text::format_duration(24h) == "1d");
    CHECK(text::format_duration(90min) == "1h30m");
    for (auto const duration : {1ms, 999ms, 61'001ms, 86'400'000ms, 694'861'001ms}) {
        CHECK(parse_duration(text::format_duration(duration)) == duration);
    }
}
