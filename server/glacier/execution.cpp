#include "server/glacier/execution.hpp"

#include <spdlog/spdlog.h>

#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/reply.hpp"

namespace firn::glacier {
namespace {

// How often a request waits for due work while the store does not know what is due: its writes fail.
constexpr int settles_max = 3;

}  // namespace

// What became of a write.
struct Execution::Written {
    std::optional<http::Response> response;  // nothing: the state lagged behind, nothing was done
    bool makes_due = false;                  // something that is due at once
};

Execution::Execution(Services const& api_services, std::uint64_t request_number, std::string id,
                     http::RequestHead head)
    : services(api_services),
      number(request_number),
      request_id(std::move(id)),
      request{api_services.rules, std::move(head)} {
    request.now = services.now();
}

void Execution::run(Reply reply) {
    // The body may have taken long to arrive, and its content may be refused before take_time().
    request.now = services.now();
    reply = delayed(std::move(reply));
    if (!std::holds_alternative<Write>(operation->function)) return read(std::move(reply));
    if (!request.content) return write(std::move(reply));
    if (request.content->is_inline()) return store_content(std::move(reply));
    services.run_blocking([execution = shared_from_this(), reply = std::move(reply)]() mutable {
        execution->store_content(std::move(reply));
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

bool Execution::take_time() {
    auto const now = services.now();
    auto const due = services.store.next_due();
    if (due > now) {
        request.now = now;
        return true;
    }
    // Under a fast clock more is due by now. Without this, a request might never get its turn.
    if (!settled_at_ || due <= *settled_at_) return false;
    request.now = *settled_at_;
    return true;
}

void Execution::settle_and(Attempt attempt, Reply reply) {
    bool const is_unknown = services.store.next_due() == storage::Time::min();
    if (++settles_ > settles_max && is_unknown)
        return reply(fail(errors::service_unavailable("firn cannot do what is due; its log has the reason")));
    services.pending.begin();
    services.settle([execution = shared_from_this(), attempt, reply = std::move(reply)](storage::Time time) {
        execution->settled_at_ = time;
        (execution.get()->*attempt)(reply);
        execution->services.pending.end();
    });
}

void Execution::read(Reply reply) {
    std::optional<http::Response> response;
    try {
        response = try_read();
    } catch (...) {
        return reply(fail(std::current_exception()));
    }
    if (!response) return settle_and(&Execution::read, std::move(reply));
    reply(complete(*std::move(response)));
}

std::optional<http::Response> Execution::try_read() {
    auto const generation = services.store.generation();
    auto const is_unchanged = [&] { return generation && generation == services.store.generation(); };
    if (!take_time()) return std::nullopt;
    bool const is_json = std::holds_alternative<JsonRead>(operation->function);
    auto question = is_json ? this->question() : "";
    if (is_json && generation) {
        auto answer = services.recent_answers.find(*generation, question);
        if (answer && is_unchanged()) return json_response(request, *std::move(answer));
    }
    auto const reading = services.store.read();
    std::optional<http::Response> response;
    std::exception_ptr error;
    try {
        response = answer_from(*reading);
    } catch (...) {
        error = std::current_exception();
    }
    // A commit of meanwhile may have brought what is due already.
    if (!is_unchanged() && reading->next_due().value_or(storage::Time::max()) <= request.now)
        return std::nullopt;
    if (error) std::rethrow_exception(error);
    // Otherwise the answer may belong to an older commit.
    if (is_json && is_unchanged())
        services.recent_answers.keep(*generation, std::move(question), std::get<std::string>(response->body));
    return response;
}

http::Response Execution::answer_from(storage::View const& view) const {
    if (auto const* const function = std::get_if<JsonRead>(&operation->function))
        return json_response(request, (*function)(request, view));
    return std::get<Read>(operation->function)(request, view);
}

std::string Execution::question() const {
    return request.owner.account + '/' + request.owner.region + request.head.target;
}

void Execution::write(Reply reply) {
    if (!take_time()) return settle_and(&Execution::write, std::move(reply));
    auto const written = std::make_shared<Written>();
    auto work = [execution = shared_from_this(), written](storage::Transaction& transaction) {
        // The clock may have moved, or a snapshot replaced the store, while this waited for its turn.
        if (!execution->take_time()) return;
        auto const function = std::get<Write>(execution->operation->function);
        written->response = function(execution->request, transaction);
        auto const due = transaction.earliest_due();
        written->makes_due = due && *due <= execution->request.now;
    };
    services.pending.begin();
    auto done = [execution = shared_from_this(), written,
                 reply = std::move(reply)](std::exception_ptr const& error) {
        error ? reply(execution->fail(error)) : execution->answer_write(written, reply);
        execution->services.pending.end();
    };
    services.store.write(std::move(work), std::move(done));
}

void Execution::answer_write(std::shared_ptr<Written> const& written, Reply const& reply) {
    if (!written->response) return settle_and(&Execution::write, reply);
    if (!written->makes_due) return reply(complete(*std::move(written->response)));
    services.pending.begin();
    services.settle([execution = shared_from_this(), written, reply](storage::Time) {
        reply(execution->complete(*std::move(written->response)));
        execution->services.pending.end();
    });
}

void Execution::store_content(Reply reply) {
    try {
        request.content->finish();
        check_content(request);
        request.content->make_durable();
    } catch (...) {
        return reply(fail(std::current_exception()));
    }
    write(std::move(reply));
}

http::Response Execution::complete(http::Response response) {
    status = response.status;
    if (fault) apply_fault(response);
    add_common_fields(response, request_id, request.now);
    services.observer.answering(record(), request.head, request.body);
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
    auto path = std::string_view(request.head.target);
    path = path.substr(0, path.find_first_of("?#"));
    // Of a whole URL, no user and password.
    if (!path.starts_with('/')) path.remove_prefix(path.find('@') + 1);
    return path;
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
    services.observer.answering(record(), request.head, request.body);
    close(0, false);
}

}  // namespace firn::glacier
