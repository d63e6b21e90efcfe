// The last requests to the Glacier API, so that a test can see what its client did.
#pragma once

#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/control/observe/journal_entry.hpp"

namespace firn::control {

// Selects the requests that match every member that is set. Patterns may contain * and ?.
struct RequestFilter {
    std::optional<std::string> operation = {};  // pattern
    std::optional<std::string> vault = {};      // pattern
    std::optional<std::string> account = {};
    std::optional<std::string> region = {};
    std::optional<std::uint64_t> status = {};
    std::optional<std::string> error = {};  // pattern
    std::optional<std::string> fault = {};  // pattern for the id of the rule that hit the request
    std::optional<std::string> request_id = {};
    std::optional<std::uint64_t> since = {};  // only greater request numbers
    std::optional<std::uint64_t> number = {};
};

// All functions may be called from any thread.
class RequestJournal {
public:
    struct Found {
        std::size_t count = 0;                    // of all requests that match
        std::vector<JournalEntry> requests = {};  // the newest of them, oldest first
        // Requests that were dropped for newer ones since the start or the last clear(), matching or not, and
        // the greatest of their numbers.
        std::size_t dropped = 0;
        std::optional<std::uint64_t> last_dropped = {};
    };

    // Keeps the newest `capacity` requests, each with at most so many bytes of its JSON.
    explicit RequestJournal(std::size_t capacity, std::size_t body_bytes_max = 4096)
        : body_bytes_max_(body_bytes_max), entries_(capacity) {}

    // Returns whether a request was dropped. The arguments are those of Observer::answering.
    bool add(glacier::RequestRecord&& record, http::RequestHead const& head = {}, std::string_view body = {});
    // Stores the outcome of the request with this number, if the journal still has it.
    void update(std::uint64_t number, glacier::RequestOutcome const& outcome);
    Found find(RequestFilter const& filter, std::size_t limit) const;
    // The greatest number of a request since the start; nothing before the first one.
    std::optional<std::uint64_t> last_number() const;
    void clear();

private:
    std::size_t const body_bytes_max_;
    mutable std::mutex mutex_;
    boost::circular_buffer<JournalEntry> entries_;  // a full one drops its oldest
    std::optional<std::uint64_t> last_number_;
    std::size_t dropped_ = 0;
    std::optional<std::uint64_t> last_dropped_;
};

}  // namespace firn::control
