#include "server/glacier/execution.hpp"

#include <spdlog/spdlog.h>

#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/reply.hpp"

namespace firn::glacier {

Execution::Execution(Services const& api_services, std::uint64_t request_number, std::string id,
                     http::RequestHead head)
    : services(api_services),
      number(request_number),
      request_id(std::move(id)),
      request{api_services.rules, std::move(head)} {
    request.now = services.now();
}

void Execution::run(Reply reply) {
    // The body may have taken long to arrive; the operation happens now.
    request.now = services.now();
    reply = delayed(std::move(reply));
    if (auto const* const function = std::get_if<JsonRead>(&operation->function))
        return read_json(*function, reply);
    if (auto const* const function = std::get_if<Read>(&operation->function)) return read(*function, reply);
    auto const function = std::get<Write>(operation->function);
    if (!request.content) return write(function, std::move(reply));
    if (request.content->is_inline()) return store_content(function, std::move(reply));
    services.run_blocking([execution = shared_from_this(), function, reply = std::move(reply)]() mutable {
        execution->store_content(function, std::move(reply));
    });
}

void Execution::refuse(ServiceError const& error, Reply reply) {
    auto const answer = delayed(std::move(reply));
    answer(fail(error));
}

Execution::Reply Execution::delayed(Reply reply) {
    if (!fault || fault->latency.count() == 0) return reply;
    return [execution = shared_from_this(), reply = std::move(reply)](http::Response response) {
        auto const kept = std::make_shared<http::Response>(std::move(response));
        execution->services.run_later(execution->fault->latency, [kept, reply] { reply(std::move(*kept)); });
    };
}

void Execution::read_json(JsonRead function, Reply const& reply) {
    try {
        auto const generation = services.store.generation();
        auto question = request.owner.account + '/' + request.owner.region + request.head.target;
        auto answer = generation ? services.recent_answers.find(*generation, question) : std::nullopt;
        if (!answer) {
            answer = function(request, *services.store.read());
            // Otherwise the answer may belong to an older commit.
            if (generation && generation == services.store.generation())
                services.recent_answers.keep(*generation, std::move(question), *answer);
        }
        reply(complete(json_response(request, *std::move(answer))));
    } catch (...) {
        reply(fail(std::current_exception()));
    }
}

void Execution::read(Read function, Reply const& reply) {
    try {
        auto const reading = services.store.read();
        reply(complete(function(request, *reading)));
    } catch (...) {
        reply(fail(std::current_exception()));
    }
}

void Execution::write(Write function, Reply reply) {
    auto const response = std::make_shared<http::Response>();
    auto const is_due = std::make_shared<bool>(false);
    auto work = [execution = shared_from_this(), function, response,
                 is_due](storage::Transaction& transaction) {
        // The clock may have moved, or a snapshot replaced the store, while this waited for its turn.
        execution->request.now = execution->services.now();
        *response = function(execution->request, transaction);
        auto const due = transaction.earliest_due();
        *is_due = due && *due <= execution->request.now;
    };
    auto done = [execution = shared_from_this(), response, is_due,
                 reply = std::move(reply)](std::exception_ptr error) {
        if (error) return reply(execution->fail(error));
        auto answer = [execution, response, reply] { reply(execution->complete(std::move(*response))); };
        // Work that this write made due at once is done before the client hears of the write.
        if (*is_due) return execution->services.settle(std::move(answer));
        answer();
    };
    services.store.write(std::move(work), std::move(done));
}

void Execution::store_content(Write function, Reply reply) {
    try {
        request.content->finish();
        check_content(request);
        request.content->make_durable();
    } catch (...) {
        return reply(fail(std::current_exception()));
    }
    write(function, std::move(reply));
}

http::Response Execution::complete(http::Response response) {
    status = response.status;
    if (fault) apply_fault(response);
    add_common_fields(response, request_id, request.now);
    services.observer.answering(record());
    return response;
}

http::Response Execution::fail(ServiceError const& error) {
    error_code = error.code;
    return complete(response_of(error));
}

http::Response Execution::fail(std::exception_ptr error) {
    return fail(error_of(std::move(error), request_id));
}

void Execution::apply_fault(http::Response& response) {
    if (fault->error && fault->after) {
        error_code = fault->error->code;
        status = fault->error->status;
        response = response_of(*fault->error);
    }
    if (auto const hash = response.fields.find(tree_hash_field); hash && fault->wrong_checksum) {
        std::string wrong(*hash);
        wrong[0] = wrong[0] == '0' ? '1' : '0';
        response.fields.replace(tree_hash_field, wrong);
    }
    if (fault->wire.reset) {
        status = 0;
        error_code.clear();
    }
    response.fault = fault->wire;
}

std::string_view Execution::path() const {
    auto const& target = request.head.target;
    return std::string_view(target).substr(0, target.find('?'));
}

RequestOutcome Execution::outcome() const {
    return {status, Clock::now() - started, received_bytes};
}

RequestRecord Execution::record() const {
    RequestRecord record;
    record.number = number;
    record.time = request.now;
    record.operation = operation_name();
    record.method = request.head.method;
    record.path = path();
    record.owner = request.owner;
    record.vault = request.vault_name;
    record.error_code = error_code;
    if (fault) record.fault = fault->rule_id;
    record.request_id = request_id;
    record.outcome = outcome();
    return record;
}

void Execution::close(std::uint64_t sent_bytes, bool whole) const {
    auto outcome = this->outcome();
    outcome.sent_bytes = sent_bytes;
    outcome.complete = whole;
    services.observer.answered(number, operation_name(), outcome);
    if (!spdlog::should_log(spdlog::level::info)) return;
    spdlog::info("{} {} {}{} {} {}/{} in={} out={}{} {:.1f}ms {}{}", operation ? operation->name : "-",
                 status, error_code.empty() ? "" : error_code + " ", request.head.method, path(),
                 request.owner.account, request.owner.region, received_bytes, sent_bytes, whole ? "" : " cut",
                 outcome.duration.count(), request_id, fault ? " fault=" + fault->rule_id : "");
}

void Execution::abandon() const {
    services.observer.answering(record());
    close(0, false);
}

}  // namespace firn::glacier
