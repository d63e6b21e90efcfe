// Passes every request of the Glacier API on to the journal, the metrics and the fault rules.
#pragma once

#include "server/control/observe/fault_rules.hpp"
#include "server/control/observe/metrics.hpp"
#include "server/control/observe/request_journal.hpp"

namespace firn::control {

class Recorder : public glacier::Observer {
public:
    Recorder(FaultRules& faults, RequestJournal& journal, Metrics& metrics)
        : faults_(faults), journal_(journal), metrics_(metrics) {}

    std::optional<glacier::Fault> choose_fault(glacier::Operation const& operation,
                                               storage::Owner const& owner,
                                               std::string const& vault) override {
        return faults_.choose(operation, owner, vault);
    }
    void answering(glacier::RequestRecord record, http::RequestHead const& head,
                   std::string_view body) override {
        metrics_.count_fault(record);
        if (journal_.add(std::move(record), head, body)) metrics_.count_dropped();
    }
    void answered(std::uint64_t number, std::string_view operation,
                  glacier::RequestOutcome const& outcome) override {
        journal_.update(number, outcome);
        metrics_.count(operation, outcome);
    }

private:
    FaultRules& faults_;
    RequestJournal& journal_;
    Metrics& metrics_;
};

}  // namespace firn::control
