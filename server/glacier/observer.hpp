// The interface to what observes the API: the observer is told of every request, and may choose a fault for
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/glacier/error.hpp"
#include "server/http/message.hpp"
#include "storage/records.hpp"

namespace firn::glacier {

struct Operation;

// What goes wrong with one request on purpose.
struct Fault {
    std::string rule_id;
    // The answer in place of the operation's own.
    std::optional<ServiceError> error = {};
    // For `error` and for a reset: the operation still runs, only its answer is lost.
    bool after = false;
    std::chrono::milliseconds latency{0};  // real time between the operation and its answer
    // RequestTimeoutException when so many bytes of the body have arrived, or at its end.
    std::optional<std::uint64_t> timeout_after_bytes = {};
    bool wrong_checksum = false;                  // in x-amz-sha256-tree-hash of the answer
    std::optional<std::string> job_failure = {};  // why the job that is initiated will fail
    http::WireFault wire = {};

    bool prevents_operation() const { return !after && (error || wire.reset); }
};

// What became of a request.
struct RequestOutcome {
    unsigned status = 0;  // 0: no answer
    std::chrono::duration<double, std::milli> duration{0};
    std::uint64_t received_bytes = 0;  // of the body
    std::uint64_t sent_bytes = 0;      // of the body
    bool complete = false;             // the whole answer was sent
};

struct RequestRecord {
    std::uint64_t number = 0;  // of all requests since the start
    storage::Time time;
    std::string_view operation;  // empty when there is none
    std::string method;
    std::string path;  // as sent, without the query
    storage::Owner owner;
    std::string vault;
    std::string error_code;
    std::string fault;  // id of the fault rule that hit it
    std::string request_id;
    RequestOutcome outcome;  // so far
};

// Called from several threads at once.
class Observer {
public:
    virtual ~Observer() = default;
    virtual std::optional<Fault> choose_fault(Operation const& operation, storage::Owner const& owner,
                                              std::string const& vault) = 0;
    // The answer is known but not yet sent, so that a client that has read it finds the request on record.
    // `head` holds credentials. `body`: JSON as far as it has arrived, empty for archives and parts.
    virtual void answering(RequestRecord record, http::RequestHead const& head, std::string_view body) = 0;
    // The answer to the request of that number was sent, as far as possible.
    virtual void answered(std::uint64_t number, std::string_view operation,
                          RequestOutcome const& outcome) = 0;
};

}  // namespace firn::glacier
