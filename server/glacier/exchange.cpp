#include "server/glacier/exchange.hpp"

#include <fmt/format.h>

#include "server/glacier/limits.hpp"
#include "server/glacier/reply.hpp"

namespace firn::glacier {
namespace {

constexpr std::string_view api_version = "2012-06-01";

}  // namespace

ServiceError error_of(http::Refusal why) {
    switch (why) {
        case http::Refusal::malformed_request:
            return errors::bad_request("The request could not be understood.",
                                       "the bytes are not a valid HTTP/1.1 request");
        case http::Refusal::header_too_large:
            return errors::bad_request(
                "The request header is too large.",
                "send fewer or shorter header fields; --max-header-bytes sets the limit");
        case http::Refusal::body_too_large:
            return errors::bad_request(
                "The request body is too large.",
                "an archive in one request has at most 4 GiB, any other body at most 1 MiB");
        case http::Refusal::request_timeout:
            return errors::request_timeout();
        case http::Refusal::too_many_connections:
            break;
    }
    return errors::too_many_connections();
}

Exchange::Exchange(Services const& services, std::uint64_t number, std::string request_id,
                   http::RequestHead head)
    : execution_(std::make_shared<Execution>(services, number, std::move(request_id), std::move(head))) {
    try {
        prepare();
    } catch (...) {
        refusal_ = error_of(std::current_exception(), execution_->request_id);
    }
}

Exchange::~Exchange() {
    // The client went away in the middle of its request.
    if (!finished_) execution_->abandon();
}

// The order of the checks: version, target, operation, caller, account, head. Unverified beyond the first.
void Exchange::prepare() {
    auto& request = execution_->request;
    check_version();
    auto target = http::parse_target(request.head.target);
    if (!target)
        throw errors::bad_request("The request URI is not valid.",
                                  "the target must be a path with valid percent-encoding");
    request.target = *std::move(target);
    auto const* const operation = find_operation(request.head.method, request.target);
    if (operation == nullptr) {
        throw errors::bad_request(
            fmt::format("{} {} is not an operation of this API.", request.head.method, request.head.target),
            "a path begins with the account: /-/vaults, /-/vaults/NAME, ...");
    }
    execution_->operation = operation;
    request.success_status = operation->success_status;
    request.owner = identify(request.target);
    request.vault_name = path_parameter(*operation, request.target, "vault");
    request.resource_id = path_parameter(*operation, request.target, "id");
    take_fault();
    if (operation->body == BodyKind::archive) {
        operation->check_head(request, *execution_->services.store.read());
        request.content = execution_->services.store.stage(request.head.content_length.value_or(0));
    }
}

void Exchange::take_fault() {
    auto& execution = *execution_;
    execution.fault = execution.services.observer.choose_fault(*execution.operation, execution.request.owner,
                                                               execution.request.vault_name);
    if (!execution.fault) return;
    execution.request.job_failure = execution.fault->job_failure;
    if (execution.fault->prevents_operation()) {
        throw execution.fault->error.value_or(
            errors::service_unavailable("a fault rule resets this connection"));
    }
}

void Exchange::check_version() const {
    auto const version = execution_->request.head.fields.find("x-amz-glacier-version");
    if (!version) {
        throw errors::missing_parameter("API version",
                                        "every request needs the header x-amz-glacier-version: 2012-06-01");
    }
    if (*version != api_version) {
        throw errors::invalid_parameter(fmt::format("Invalid API version: {}", *version),
                                        "the only version is 2012-06-01");
    }
}

storage::Owner Exchange::identify(http::Target const& target) const {
    auto caller = execution_->services.default_caller;
    auto const authorization = execution_->request.head.fields.find("Authorization");
    auto const presigned = target.parameter("X-Amz-Credential");
    if (authorization || presigned) {
        auto const scope = authorization ? identity::parse_authorization(*authorization)
                                         : identity::parse_credential_scope(*presigned);
        if (!scope) {
            throw errors::invalid_signature(
                "the Authorization header must read AWS4-HMAC-SHA256 "
                "Credential=KEY/DATE/REGION/glacier/aws4_request, ...");
        }
        if (auto const fault = identity::find_scope_fault(*scope))
            throw errors::wrong_credential_scope(*fault, "sign for the service glacier");
        caller = identity::caller_of(*scope, caller);
    }
    auto const account = path_parameter(*execution_->operation, target, "account");
    if (account != "-" && !identity::is_account_id(account))
        throw errors::account_unknown("the account in the path is - or 12 digits");
    if (account != "-" && account != caller.account) throw errors::foreign_account(account);
    return {caller.account, caller.region};
}

std::uint64_t Exchange::body_limit_bytes() const {
    return execution_->operation->body == BodyKind::archive ? archive_size_bytes_max : json_body_bytes_max;
}

bool Exchange::receive(std::span<std::byte const> piece) {
    execution_->received_bytes += piece.size();
    auto const& fault = execution_->fault;
    if (fault && fault->timeout_after_bytes && execution_->received_bytes >= *fault->timeout_after_bytes)
        return false;
    try {
        keep(piece);
        return true;
    } catch (...) {
        refusal_ = error_of(std::current_exception(), execution_->request_id);
        return false;
    }
}

void Exchange::keep(std::span<std::byte const> piece) {
    auto& request = execution_->request;
    switch (execution_->operation->body) {
        case BodyKind::none:
            break;
        case BodyKind::json:
            request.body.append(reinterpret_cast<char const*>(piece.data()), piece.size());
            break;
        case BodyKind::archive:
            request.content->write(piece);
    }
}

void Exchange::finish(Reply reply) {
    finished_ = true;
    if (!refusal_ && execution_->fault && execution_->fault->timeout_after_bytes)
        refusal_ = errors::request_timeout();
    if (refusal_) return execution_->refuse(*refusal_, std::move(reply));
    execution_->run(std::move(reply));
}

http::Response Exchange::refuse(http::Refusal why) {
    finished_ = true;
    auto error = error_of(why);
    bool const archive = execution_->operation != nullptr && execution_->operation->body == BodyKind::archive;
    if (archive && why == http::Refusal::body_too_large) {
        auto const length = execution_->request.head.content_length.value_or(execution_->received_bytes);
        error = errors::invalid_content_length(std::to_string(length), error.hint);
    }
    return execution_->fail(error);
}

void Exchange::replied(std::uint64_t body_bytes, bool whole) {
    execution_->close(body_bytes, whole);
}

}  // namespace firn::glacier
