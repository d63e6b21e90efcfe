#include "server/glacier/operations/provisioned_capacity.hpp"

#include <doctest/doctest.h>

#include "server/text/timestamp.hpp"

using namespace std::chrono_literals;
using firn::glacier::end_of_unit;
using firn::storage::Duration;
using firn::storage::Time;
using firn::text::format_milliseconds;

namespace {

std::string end_of(int year, unsigned month, unsigned day, Duration time_of_day = 0ms) {
    std::chrono::sys_days const date(std::chrono::year(year) / static_cast<int>(month) /
                                     static_cast<int>(day));
    return format_milliseconds(end_of_unit(Time(date) + time_of_day));
}

}  // namespace

TEST_CASE("a unit ends on the same day and hour of the next month") {
    CHECK(end_of(2017, 4, 15) == "2017-05-15T00:00:00.000Z");
    CHECK(end_of(2017, 4, 1, 23h + 59min + 59s) == "2017-05-01T23:59:59.000Z");
    CHECK(end_of(2017, 2, 28) == "2017-03-28T00:00:00.000Z");
    CHECK(end_of(2017, 4, 30) == "2017-05-30T00:00:00.000Z");
}

TEST_CASE("a day that the next month lacks becomes its last") {
    CHECK(end_of(2023, 1, 31, 12h) == "2023-02-28T12:00:00.000Z");
    CHECK(end_of(2023, 1, 29) == "2023-02-28T00:00:00.000Z");
    CHECK(end_of(2024, 1, 31, 12h) == "2024-02-29T12:00:00.000Z");
    CHECK(end_of(2024, 1, 29) == "2024-02-29T00:00:00.000Z");
    CHECK(end_of(2024, 1, 30) == "2024-02-29T00:00:00.000Z");
    CHECK(end_of(2023, 8, 31) == "2023-09-30T00:00:00.000Z");
    CHECK(end_of(2023, 7, 31) == "2023-08-31T00:00:00.000Z");
}

TEST_CASE("a unit of December ends in the next year") {
    CHECK(end_of(2023, 12, 31) == "2024-01-31T00:00:00.000Z");
    CHECK(end_of(2023, 12, 1) == "2024-01-01T00:00:00.000Z");
}

TEST_CASE("the end of a unit has no milliseconds") {
    CHECK(end_of(2017, 4, 15, 10h + 912ms) == "2017-05-15T10:00:00.000Z");
    CHECK(end_of(2017, 4, 15, 24h - 1ms) == "2017-05-15T23:59:59.000Z");
    CHECK(end_of(1960, 4, 15, 1ms) == "1960-05-15T00:00:00.000Z");
}
