// One request and the operation that answers it. Outlives its exchange when the connection ends while the
// store still works on the request.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "server/glacier/operation_table.hpp"
#include "server/glacier/services.hpp"
#include "server/http/handler.hpp"

namespace firn::glacier {

struct Execution : std::enable_shared_from_this<Execution> {
    using Clock = std::chrono::steady_clock;
    using Reply = http::Exchange::Reply;

    // `request_number`: of all requests since the start.
    Execution(Services const& api_services, std::uint64_t request_number, std::string id,
              http::RequestHead head);

    Services const& services;
    std::uint64_t const number;
    std::string const request_id;
    Request request;
    Operation const* operation = nullptr;
    std::optional<Fault> fault = {};
    Clock::time_point const started = Clock::now();
    std::uint64_t received_bytes = 0;
    unsigned status = 0;  // 0: there is no answer yet
    std::string error_code = {};

    // Runs the operation. Calls `reply` with its answer, now or later, on any thread.
    void run(Reply reply);
    // Answers with an error instead of running the operation.
    void refuse(ServiceError const& error, Reply reply);
    // Puts an answer into its final form and tells the observer. status and error_code are set from here on.
    http::Response complete(http::Response response);
    http::Response fail(ServiceError const& error);
    http::Response fail(std::exception_ptr error);
    // The answer has left; `whole`: all of it.
    void close(std::uint64_t sent_bytes, bool whole) const;
    // The client has closed the connection; there will be no answer.
    void abandon() const;

private:
    // Called again each time that it finds the state behind the clock.
    using Attempt = void (Execution::*)(Reply reply);
    struct Written;

    // `reply`, but called after the latency of the fault.
    Reply delayed(Reply reply);
    // The rule of time, at its one place: no request sees or changes a state in which something is still to
    // be done that was due by the request's time. Sets request.now and returns true; returns false while the
    // state lags behind.
    bool take_time();
    // Calls `attempt` when everything is done that is due now.
    void settle_and(Attempt attempt, Reply reply);
    void read(Reply reply);
    // Nothing when the state lags behind.
    std::optional<http::Response> try_read();
    http::Response answer_from(storage::View const& view) const;
    std::string question() const;
    void write(Reply reply);
    void answer_write(std::shared_ptr<Written> const& written, Reply const& reply);
    void store_content(Reply reply);
    void apply_fault(http::Response& response);
    RequestRecord record() const;
    RequestOutcome outcome() const;
    std::string_view operation_name() const { return operation ? operation->name : std::string_view(); }
    std::string_view path() const;

    std::optional<storage::Time>
        settled_at_;  // when take_time() last returned false, everything was done by then
    int settles_ = 0;
};

}  // namespace firn::glacier
