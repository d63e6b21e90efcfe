#include "server/control/observe/request_journal.hpp"

#include <doctest/doctest.h>

using firn::control::RequestFilter;
using firn::control::RequestJournal;
using firn::glacier::RequestRecord;

namespace {

RequestRecord record(std::uint64_t number, std::string_view operation = "ListJobs", unsigned status = 200) {
    RequestRecord record;
    record.number = number;
    record.operation = operation;
    record.outcome.status = status;
    return record;
}

std::vector<std::uint64_t> numbers(RequestJournal::Found const& found) {
    std::vector<std::uint64_t> numbers;
    for (auto const& request : found.requests) numbers.push_back(request.number);
    return numbers;
}

}  // namespace

TEST_CASE("the journal keeps the newest requests and forgets the oldest") {
    RequestJournal journal(3);
    for (std::uint64_t number = 0; number < 5; ++number) journal.add(record(number));
    CHECK(numbers(journal.find({}, 10)) == std::vector<std::uint64_t>{2, 3, 4});
    auto const last = journal.find({}, 2);
    CHECK(last.count == 3);
    CHECK(numbers(last) == std::vector<std::uint64_t>{3, 4});
    CHECK(journal.find({}, 0).count == 3);
    journal.clear();
    CHECK(journal.find({}, 10).count == 0);
}

TEST_CASE("the journal says which requests it has dropped") {
    RequestJournal journal(2);
    CHECK_FALSE(journal.add(record(1)));
    CHECK_FALSE(journal.add(record(3)));
    CHECK(journal.find({}, 10).dropped == 0);
    CHECK_FALSE(journal.find({}, 10).last_dropped);
    CHECK(journal.last_number() == 3);
    // In the order of the answers, not of the numbers.
    for (std::uint64_t const number : {2, 5, 4}) CHECK(journal.add(record(number)));
    CHECK(journal.find({}, 10).dropped == 3);
    CHECK(journal.find({}, 10).last_dropped == 3);
    CHECK(journal.last_number() == 5);
    journal.clear();
    CHECK(journal.find({}, 10).dropped == 0);
    CHECK_FALSE(journal.find({}, 10).last_dropped);
    CHECK(journal.last_number() == 5);
}

TEST_CASE("what becomes of a request is added to its record, unless that is gone") {
    RequestJournal journal(2);
    journal.add(record(1));
    firn::glacier::RequestOutcome outcome;
    outcome.complete = true;
    journal.update(1, outcome);
    CHECK(journal.find({}, 10).requests.at(0).outcome.complete);
    journal.clear();
    journal.update(1, outcome);
    CHECK(journal.find({}, 10).count == 0);
    RequestJournal none(0);
    none.add(record(1));
    CHECK(none.find({}, 10).count == 0);
}

TEST_CASE("requests are found by what they have in common") {
    RequestJournal journal(10);
    journal.add(record(1, "UploadArchive", 201));
    auto hit = record(2, "UploadMultipartPart", 408);
    hit.fault = "f1";
    hit.error_code = "RequestTimeoutException";
    hit.vault = "photos";
    journal.add(std::move(hit));
    journal.add(record(3, "", 400));
    auto const found = [&](auto change) {
        RequestFilter filter;
        change(filter);
        return numbers(journal.find(filter, 10));
    };
    using Numbers = std::vector<std::uint64_t>;
    CHECK(found([](auto& filter) { filter.operation = "Upload*"; }) == Numbers{1, 2});
    CHECK(found([](auto& filter) { filter.status = 400; }) == Numbers{3});
    CHECK(found([](auto& filter) { filter.error = "*Timeout*"; }) == Numbers{2});
    CHECK(found([](auto& filter) { filter.fault = "*"; }) == Numbers{2});
    CHECK(found([](auto& filter) { filter.fault = "f2"; }) == Numbers{});
    CHECK(found([](auto& filter) { filter.vault = "ph?tos"; }) == Numbers{2});
    CHECK(found([](auto& filter) { filter.since = 1; }) == Numbers{2, 3});
    CHECK(found([](auto& filter) { filter.number = 3; }) == Numbers{3});
    CHECK(found([](auto& filter) { filter.operation = "*"; }) == Numbers{1, 2, 3});
}
