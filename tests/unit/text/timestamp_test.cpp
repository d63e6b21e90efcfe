#include "server/text/timestamp.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace firn;
using firn::storage::Duration;
using firn::storage::Time;
namespace chrono = std::chrono;

namespace {

// The sample of the developer guide: 2012-03-20T17:03:43.221Z.
Time const sample = chrono::sys_days(chrono::year(2012) / 3 / 20) + chrono::hours(17) + chrono::minutes(3) +
                    chrono::seconds(43) + Duration(221);

Time day(int year, unsigned month, unsigned day_of_month) {
    return chrono::sys_days(chrono::year(year) / static_cast<int>(month) / static_cast<int>(day_of_month));
}

}  // namespace

TEST_CASE("the API's timestamps always have three digits of a second, an inventory's none") {
    CHECK(text::format_milliseconds(sample) == "2012-03-20T17:03:43.221Z");
    CHECK(text::format_milliseconds(day(2012, 1, 2) + Duration(7)) == "2012-01-02T00:00:00.007Z");
    CHECK(text::format_milliseconds(day(2012, 1, 2)) == "2012-01-02T00:00:00.000Z");
    CHECK(text::format_seconds(sample) == "2012-03-20T17:03:43Z");
    CHECK(text::format_seconds(sample + Duration(778)) == "2012-03-20T17:03:43Z");  // cut, not rounded
}

TEST_CASE("a time before the epoch is written as what it is") {
    CHECK(text::format_milliseconds(Time(Duration(-1))) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("HTTP dates have the names of days and months in English") {
    CHECK(text::format_http_date(sample) == "Tue, 20 Mar 2012 17:03:43 GMT");
    CHECK(text::format_http_date(day(2024, 2, 29)) == "Thu, 29 Feb 2024 00:00:00 GMT");
    CHECK(text::format_http_date(day(2023, 12, 31) + chrono::hours(23)) == "Sun, 31 Dec 2023 23:00:00 GMT");
}

TEST_CASE("what is written is read back, every day of eight years") {
    for (auto time = day(2019, 12, 31); time < day(2028, 1, 2); time += chrono::hours(24) + Duration(1001)) {
        CHECK(text::parse_timestamp(text::format_milliseconds(time)) == time);
        CHECK(text::parse_timestamp(text::format_seconds(time)) == chrono::floor<chrono::seconds>(time));
    }
}

TEST_CASE("a fraction of a second may have any number of digits; those beyond the third are dropped") {
    CHECK(text::parse_timestamp("2012-03-20T17:03:43.2Z") == sample - Duration(21));
    CHECK(text::parse_timestamp("2012-03-20T17:03:43.22Z") == sample - Duration(1));
    CHECK(text::parse_timestamp("2012-03-20T17:03:43.2219999999999999Z") == sample);
}

TEST_CASE("an offset from UTC is taken off") {
    CHECK(text::parse_timestamp("2012-03-20T18:33:43.221+01:30") == sample);
    CHECK(text::parse_timestamp("2012-03-20T09:03:43.221-08:00") == sample);
    CHECK(text::parse_timestamp("2012-03-20T18:03:43.221+0100") == sample);
    CHECK(text::parse_timestamp("2012-03-21T00:30:00+01:00") ==
          day(2012, 3, 20) + chrono::minutes(23 * 60 + 30));
    CHECK(text::parse_timestamp("2012-03-20T17:03:43.221-00:00") == sample);
}

TEST_CASE("the 29th of February exists in leap years only") {
    CHECK(text::parse_timestamp("2012-02-29T00:00:00Z") == day(2012, 2, 29));
    CHECK(text::parse_timestamp("2000-02-29T00:00:00Z") == day(2000, 2, 29));
    CHECK_FALSE(text::parse_timestamp("2013-02-29T00:00:00Z"));
    CHECK_FALSE(text::parse_timestamp("1900-02-29T00:00:00Z"));
}

TEST_CASE("what is no date is not read") {
    for (auto const* const text : {"",
                                   "Z",
                                   "2012",
                                   "2012-03-20",
                                   "2012-03-20T17:03Z",
                                   "2012-03-20T17:03:43",
                                   "2012-03-20 17:03:43Z",
                                   "2012-03-20t17:03:43z",
                                   "20120320T170343Z",
                                   "12-03-20T17:03:43Z",
                                   "2012-3-20T17:03:43Z",
                                   "2012-00-20T17:03:43Z",
                                   "2012-13-20T17:03:43Z",
                                   "2012-03-00T17:03:43Z",
                                   "2012-03-32T17:03:43Z",
                                   "2012-04-31T17:03:43Z",
                                   "2012-03-20T24:00:00Z",
                                   "2012-03-20T17:60:43Z",
                                   "2012-03-20T17:03:60Z",
                                   "2012-03-20T17:03:43.Z",
                                   "2012-03-20T17:03:43,2Z",
                                   "2012-03-20T17:03:43.2xZ",
                                   "2012-03-20T17:03:43Zx",
                                   " 2012-03-20T17:03:43Z",
                                   "2012-03-20T17:03:43+1:00",
                                   "2012-03-20T17:03:43+01:60",
                                   "2012-03-20T17:03:43+",
                                   "2012-03-20T17:03:43+01",
                                   "-012-03-20T17:03:43Z",
                                   "2012-03-20T+7:03:43Z",
                                   "2012-03-20T17:-3:43Z",
                                   "1331238778",
                                   "yesterday"}) {
        CAPTURE(text);
        CHECK_FALSE(text::parse_timestamp(text));
    }
}

TEST_CASE("an offset of a day or more is no offset") {
    CHECK_FALSE(text::parse_timestamp("2012-03-20T17:03:43+24:00"));
    CHECK_FALSE(text::parse_timestamp("2012-03-20T17:03:43-99:00"));
}

TEST_CASE("people may leave out the seconds, and the time of day") {
    CHECK(text::parse_time("2012-03-20") == day(2012, 3, 20));
    CHECK(text::parse_time("2012-03-20T17:03Z") == day(2012, 3, 20) + chrono::minutes(17 * 60 + 3));
    CHECK(text::parse_time("2012-03-20T19:03+02:00") == day(2012, 3, 20) + chrono::minutes(17 * 60 + 3));
    CHECK(text::parse_time("2012-03-20T17:03:43.221Z") == sample);
    CHECK(text::parse_time("2012-03-20T19:03:43.221+02:00") == sample);
    for (auto const* const text : {"", "now", "2012", "2012-03", "2013-02-29", "2012-03-20Z", "2012-03-20T",
                                   "2012-03-20T17Z", "2012-03-20T17:03", "2012-03-20T17:03.5Z",
                                   "2012-03-20T17:03:Z", "2012-03-20 17:03Z", "2012-03-20x"}) {
        CAPTURE(text);
        CHECK_FALSE(text::parse_time(text));
        CHECK(text::not_a_time(text).find("2030-01-31T12:00Z") != std::string::npos);
    }
}
