#include "server/control/observe/request_journal.hpp"

#include <algorithm>
#include <boost/range/adaptor/reversed.hpp>
#include <utility>

#include "server/text/wildcard.hpp"

namespace firn::control {
namespace {

template <typename T>
bool agrees(std::optional<T> const& wanted, T const& value) {
    return !wanted || *wanted == value;
}

bool is_like(std::optional<std::string> const& pattern, std::string_view text) {
    return !pattern || text::matches_wildcard(*pattern, text);
}

bool matches(RequestFilter const& filter, glacier::RequestRecord const& record) {
    return is_like(filter.operation, record.operation) && is_like(filter.vault, record.vault) &&
           is_like(filter.error, record.error_code) && agrees(filter.account, record.owner.account) &&
           agrees(filter.region, record.owner.region) &&
           agrees(filter.status, std::uint64_t{record.outcome.status}) &&
           agrees(filter.request_id, record.request_id) && (!filter.since || record.number > *filter.since) &&
           (!filter.fault || (!record.fault.empty() && is_like(filter.fault, record.fault)));
}

}  // namespace

void RequestJournal::add(glacier::RequestRecord record) {
    std::lock_guard const lock(mutex_);
    records_.push_back(std::move(record));
    if (records_.size() > capacity_) records_.pop_front();
}

void RequestJournal::update(std::uint64_t number, glacier::RequestOutcome const& outcome) {
    std::lock_guard const lock(mutex_);
    // Searched from the end: the request is one of the newest.
    auto const found = std::find_if(records_.rbegin(), records_.rend(),
                                    [number](auto const& record) { return record.number == number; });
    if (found != records_.rend()) found->outcome = outcome;
}

RequestJournal::Found RequestJournal::find(RequestFilter const& filter, std::size_t limit) const {
    std::lock_guard const lock(mutex_);
    Found found;
    for (auto const& record : boost::adaptors::reverse(records_)) {
        if (!matches(filter, record)) continue;
        ++found.count;
        if (found.requests.size() < limit) found.requests.push_back(record);
    }
    std::reverse(found.requests.begin(), found.requests.end());
    return found;
}

void RequestJournal::clear() {
    std::lock_guard const lock(mutex_);
    records_.clear();
}

}  // namespace firn::control
