#include "server/glacier/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "server/glacier/limits.hpp"

using firn::glacier::IdSeries;
using firn::glacier::Random;
namespace glacier = firn::glacier;

namespace {

bool is_of_the_alphabet(std::string const& id) {
    return id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
           id.npos;
}

}  // namespace

// reference/glacier-api.md 1.7
TEST_CASE("ids have the service's lengths and alphabet") {
    CHECK(glacier::archive_id_length == 138);
    CHECK(glacier::job_id_length == 92);
    CHECK(glacier::request_id_length == 47);
    CHECK(glacier::marker_length == 135);
    Random const random("seed");
    for (std::size_t const length : {1, 24, 31, 32, 33, 47, 92, 138}) {
        for (int number = 0; number < 50; ++number) {
            auto const id = random.id("kind", number, length);
            CHECK(id.size() == length);
            CHECK(is_of_the_alphabet(id));
        }
    }
}

TEST_CASE("ids use the whole alphabet, also where they begin") {
    Random const random("seed");
    std::set<char> first;
    std::set<char> last;
    for (int number = 0; number < 2000; ++number) {
        auto const id = random.id("archive", number, glacier::archive_id_length);
        first.insert(id.front());
        last.insert(id.back());
    }
    CHECK(first.contains('-'));
    CHECK(first.contains('_'));
    CHECK(first.size() == 64);
    CHECK(last.size() == 64);
}

TEST_CASE("an id follows from seed, kind and number, and from nothing else") {
    Random const random("seed");
    auto const id = random.id("job", 7, 92);
    random.id("job", 8, 92);
    random.between("job", 7, 0, 100);
    CHECK(random.id("job", 7, 92) == id);
    CHECK(Random("seed").id("job", 7, 92) == id);
    CHECK(Random("another seed").id("job", 7, 92) != id);
    CHECK(random.id("archive", 7, 92) != id);
    CHECK(random.id("job", 8, 92) != id);
}

TEST_CASE("no two of many ids are the same") {
    Random const random("seed");
    std::set<std::string> ids;
    for (int number = 0; number < 10'000; ++number) ids.insert(random.id("archive", number, 24));
    CHECK(ids.size() == 10'000);
}

TEST_CASE("a number lies between its bounds, reaches both, and is repeatable") {
    Random const random("seed");
    std::set<std::int64_t> seen;
    for (int number = 0; number < 500; ++number) {
        auto const value = random.between("duration", number, -2, 3);
        CHECK(value == random.between("duration", number, -2, 3));
        seen.insert(value);
    }
    CHECK(seen == std::set<std::int64_t>{-2, -1, 0, 1, 2, 3});
    CHECK(random.between("duration", 1, 5, 5) == 5);
}

TEST_CASE("a marker leads back to its place, in its own listing of its own vault only") {
    Random const random("seed");
    for (std::int64_t const place : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 40, INT64_MAX}) {
        CAPTURE(place);
        auto const marker = random.marker("jobs", 5, place);
        CHECK(marker.size() == glacier::marker_length);
        CHECK(is_of_the_alphabet(marker));
        CHECK(random.place_of(marker, "jobs", 5) == place);
        CHECK_FALSE(random.place_of(marker, "inventory", 5));
        CHECK_FALSE(random.place_of(marker, "jobs", 6));
        CHECK_FALSE(Random("another seed").place_of(marker, "jobs", 5));
    }
}

TEST_CASE("a marker cannot be made up") {
    Random const random("seed");
    auto const marker = random.marker("jobs", 5, 0xabc);
    for (std::size_t i = 0; i < marker.size(); ++i) {
        CAPTURE(i);
        auto forged = marker;
        forged[i] = forged[i] == '0' ? '1' : '0';
        CHECK_FALSE(random.place_of(forged, "jobs", 5));
    }
    auto upper_case = marker;
    std::transform(upper_case.end() - 3, upper_case.end(), upper_case.end() - 3, ::toupper);
    CHECK_FALSE(random.place_of(upper_case, "jobs", 5));
    CHECK_FALSE(random.place_of("", "jobs", 5));
    CHECK_FALSE(random.place_of(marker.substr(1), "jobs", 5));
    CHECK_FALSE(random.place_of(marker + "0", "jobs", 5));
    CHECK_FALSE(random.place_of(std::string(glacier::marker_length, '-'), "jobs", 5));
}

TEST_CASE("the ids of a series are repeatable, all different, and of the usual characters") {
    IdSeries const series(Random("seed"), "request");
    std::set<std::string> ids;
    std::set<char> characters;
    for (std::uint64_t number = 0; number < 10'000; ++number) {
        auto const id = series.id(number, 47);
        CHECK(id.size() == 47);
        ids.insert(id);
        characters.insert(id.begin(), id.end());
    }
    CHECK(ids.size() == 10'000);
    CHECK(characters.size() == 64);
    CHECK(IdSeries(Random("seed"), "request").id(7, 47) == series.id(7, 47));
    CHECK(IdSeries(Random("seed"), "other").id(7, 47) != series.id(7, 47));
    CHECK(IdSeries(Random("other"), "request").id(7, 47) != series.id(7, 47));
}
