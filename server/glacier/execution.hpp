// One request on its way through the store: what outlives its exchange when the connection goes while the
// store still works for it.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "server/glacier/api.hpp"
#include "server/glacier/operation_table.hpp"
#include "server/http/handler.hpp"

namespace firn::glacier {

// The error as it goes over the wire, without the fields that every response has.
http::Response response_of(ServiceError const& error);
// Adds what every response carries.
void add_common_fields(http::Response& response, std::string const& request_id, storage::Time now);
// What the client is told of a failure of firn's own; the log has the rest.
ServiceError internal_error(std::string const& request_id, std::exception const& error);

struct Execution : std::enable_shared_from_this<Execution> {
    using Clock = std::chrono::steady_clock;
    using Reply = http::Exchange::Reply;

    Execution(Services const& services_of_all, std::uint64_t number_of_all, std::string id,
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

    // Runs the operation; its answer goes to `reply`, now or later, from any thread.
    void run(Reply reply);
    // Instead of run().
    void refuse(ServiceError const& error, Reply reply);
    // The answer in its final form, told to the observer.
    http::Response complete(http::Response response);
    http::Response fail(ServiceError const& error);
    http::Response fail(std::exception_ptr error);
    // The answer has left, as far as it could.
    void close(std::uint64_t sent_bytes, bool whole) const;
    // There will be no answer.
    void abandon() const;

private:
    // With the latency that the fault wants.
    Reply delayed(Reply reply);
    void read_json(JsonRead function, Reply const& reply);
    void read(Read function, Reply const& reply);
    void write(Write function, Reply reply);
    void store_content(Write function, Reply reply);
    void apply_fault(http::Response& response);
    RequestRecord record() const;
    RequestOutcome outcome() const;
    std::string_view operation_name() const { return operation ? operation->name : std::string_view(); }
    std::string_view path() const;
};

}  // namespace firn::glacier
