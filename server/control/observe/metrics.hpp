// Counters and gauges for Prometheus.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "server/glacier/observer.hpp"
#include "storage/store.hpp"

namespace firn::control {

// All functions may be called from any thread.
class Metrics {
public:
    Metrics();

    void count(std::string_view operation, glacier::RequestOutcome const& outcome);
    // Counts the request if a fault rule has hit it.
    void count_fault(glacier::RequestRecord const& record) {
        if (!record.fault.empty()) faults_.Increment();
    }
    // Counts a request that the journal has dropped.
    void count_dropped() { dropped_.Increment(); }
    // All metrics in Prometheus' text format, with the current figures of the store.
    std::string text(storage::Store& store);

private:
    struct OfOperation {
        prometheus::Histogram* seconds;
        std::map<unsigned, prometheus::Counter*> requests;  // by status
    };

    prometheus::Counter& requests_of(std::string_view operation, OfOperation& known, unsigned status);
    void take_stock(storage::Store& store);

    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Counter& received_bytes_;
    prometheus::Counter& sent_bytes_;
    prometheus::Counter& faults_;
    prometheus::Counter& dropped_;
    prometheus::Family<prometheus::Gauge>& jobs_;
    prometheus::Family<prometheus::Gauge>& store_;
    std::mutex mutex_;
    std::map<std::string_view, OfOperation> operations_;
};

}  // namespace firn::control
