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
           agrees(filter.request_id, record.request_id) && agrees(filter.number, record.number) &&
           (!filter.since || record.number > *filter.since) &&
           (!filter.fault || (!record.fault.empty() && is_like(filter.fault, record.fault)));
}

}  // namespace

bool RequestJournal::add(glacier::RequestRecord&& record, http::RequestHead const& head,
                         std::string_view body) {
    auto entry = make_entry(std::move(record), head, body, body_bytes_max_);
    std::lock_guard const lock(mutex_);
    last_number_ = std::max(last_number_, std::optional(entry.number));
    bool const drops = entries_.full();
    if (drops) {
        ++dropped_;
        auto const& oldest = entries_.empty() ? entry : entries_.front();
        last_dropped_ = std::max(last_dropped_, std::optional(oldest.number));
    }
    entries_.push_back(std::move(entry));
    return drops;
}

void RequestJournal::update(std::uint64_t number, glacier::RequestOutcome const& outcome) {
    std::lock_guard const lock(mutex_);
    // Searched from the end: the request is one of the newest.
    auto const found = std::find_if(entries_.rbegin(), entries_.rend(),
                                    [number](auto const& entry) { return entry.number == number; });
    if (found != entries_.rend()) found->outcome = outcome;
}

RequestJournal::Found RequestJournal::find(RequestFilter const& filter, std::size_t limit) const {
    std::lock_guard const lock(mutex_);
    Found found{.dropped = dropped_, .last_dropped = last_dropped_};
    for (auto const& entry : boost::adaptors::reverse(entries_)) {
        if (!matches(filter, entry)) continue;
        ++found.count;
        if (found.requests.size() < limit) found.requests.push_back(entry);
    }
    std::reverse(found.requests.begin(), found.requests.end());
    return found;
}

std::optional<std::uint64_t> RequestJournal::last_number() const {
    std::lock_guard const lock(mutex_);
    return last_number_;
}

void RequestJournal::clear() {
    std::lock_guard const lock(mutex_);
    entries_.clear();
    dropped_ = 0;
    last_dropped_.reset();
}

}  // namespace firn::control
