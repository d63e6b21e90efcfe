// The last requests to the Glacier API, so that a test can see what its client did.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/glacier/observer.hpp"

namespace firn::control {

// Selects the requests that match every member that is set. Patterns may contain * and ?.
struct RequestFilter {
    std::optional<std::string> operation;  // pattern
    std::optional<std::string> vault;      // pattern
    std::optional<std::string> account;
    std::optional<std::string> region;
    std::optional<std::uint64_t> status;
    std::optional<std::string> error;  // pattern
    std::optional<std::string> fault;  // pattern for the id of the rule that hit the request
    std::optional<std::string> request_id;
    std::optional<std::uint64_t> since;  // only greater request numbers
};

// All functions may be called from any thread.
class RequestJournal {
public:
    struct Found {
        std::size_t count = 0;                         // of all requests that match
        std::vector<glacier::RequestRecord> requests;  // the newest of them, oldest first
    };

    // Keeps the newest `capacity` requests.
    explicit RequestJournal(std::size_t capacity) : capacity_(capacity) {}

    void add(glacier::RequestRecord record);
    // Stores the outcome of the request with this number, if the journal still has it.
    void update(std::uint64_t number, glacier::RequestOutcome const& outcome);
    Found find(RequestFilter const& filter, std::size_t limit) const;
    void clear();

private:
    std::size_t const capacity_;
    mutable std::mutex mutex_;
    std::deque<glacier::RequestRecord> records_;
};

}  // namespace firn::control
