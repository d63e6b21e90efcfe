#include "server/control/observe/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <sstream>

#include "server/glacier/operation_table.hpp"

namespace firn::control {
namespace {
using namespace prometheus;

// In seconds, from reading one record to uploading gigabytes.
Histogram::BucketBoundaries const seconds_bounds = {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1,
                                                    0.3,    1,      3,     10,    30,   100};

constexpr std::string_view no_operation = "none";

}  // namespace

Metrics::Metrics()
    : requests_(BuildCounter()
                    .Name("firn_requests_total")
                    .Help("Requests by operation and status.")
                    .Register(registry_)),
      received_bytes_(BuildCounter()
                          .Name("firn_received_bytes_total")
                          .Help("Bytes of request bodies.")
                          .Register(registry_)
                          .Add({})),
      sent_bytes_(BuildCounter()
                      .Name("firn_sent_bytes_total")
                      .Help("Bytes of response bodies.")
                      .Register(registry_)
                      .Add({})),
      faults_(BuildCounter()
                  .Name("firn_faults_total")
                  .Help("Requests that a fault rule has hit.")
                  .Register(registry_)
                  .Add({})),
      dropped_(BuildCounter()
                   .Name("firn_journal_dropped_total")
                   .Help("Requests that the journal dropped for newer ones.")
                   .Register(registry_)
                   .Add({})),
      jobs_(BuildGauge().Name("firn_jobs").Help("Jobs by status.").Register(registry_)),
      store_(BuildGauge()
                 .Name("firn_store")
                 .Help("blobs and blob_bytes count the files of archives; writes_waiting, writes and commits "
                       "count the work of the writer thread.")
                 .Register(registry_)) {
    auto& seconds = BuildHistogram()
                        .Name("firn_request_seconds")
                        .Help("Seconds from the head of the request to the end of the response.")
                        .Register(registry_);
    auto const add = [&](std::string_view name) {
        operations_.emplace(
            name, OfOperation{&seconds.Add({{"operation", std::string(name)}}, seconds_bounds), {}});
    };
    for (auto const& operation : glacier::operations()) add(operation.name);
    add(no_operation);
}

void Metrics::count(std::string_view operation, glacier::RequestOutcome const& outcome) {
    auto const name = operation.empty() ? no_operation : operation;
    auto& known = operations_.find(name)->second;
    requests_of(name, known, outcome.status).Increment();
    known.seconds->Observe(outcome.duration.count() / 1000);
    received_bytes_.Increment(static_cast<double>(outcome.received_bytes));
    sent_bytes_.Increment(static_cast<double>(outcome.sent_bytes));
}

Counter& Metrics::requests_of(std::string_view operation, OfOperation& known, unsigned status) {
    std::lock_guard const lock(mutex_);
    auto& counter = known.requests[status];
    if (counter == nullptr) {
        counter = &requests_.Add({{"operation", std::string(operation)}, {"status", std::to_string(status)}});
    }
    return *counter;
}

std::string Metrics::text(storage::Store& store) {
    take_stock(store);
    std::ostringstream text;
    TextSerializer().Serialize(text, registry_.Collect());
    return text.str();
}

void Metrics::take_stock(storage::Store& store) {
    auto const reading = store.read();
    auto const jobs = reading->count_jobs();
    jobs_.Add({{"status", "InProgress"}}).Set(static_cast<double>(jobs.in_progress));
    jobs_.Add({{"status", "Succeeded"}}).Set(static_cast<double>(jobs.succeeded));
    jobs_.Add({{"status", "Failed"}}).Set(static_cast<double>(jobs.failed));
    auto const set = [&](char const* figure, auto value) {
        store_.Add({{"figure", figure}}).Set(static_cast<double>(value));
    };
    auto const blobs = reading->blob_totals();
    set("blobs", blobs.file_count);
    set("blob_bytes", blobs.file_bytes);
    auto const writer = store.writer_figures();
    set("writes_waiting", writer.queue_length);
    set("writes", writer.pieces_written);
    set("commits", writer.commits);
}

}  // namespace firn::control
