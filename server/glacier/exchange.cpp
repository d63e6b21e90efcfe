#include "server/glacier/exchange.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <system_error>

#include "server/glacier/content_checks.hpp"
#include "server/glacier/limits.hpp"
#include "server/glacier/timestamp.hpp"

namespace firn::glacier {
namespace {

constexpr std::string_view api_version = "2012-06-01";

ServiceError internal_error(std::string const& request_id, std::exception const& error) {
    spdlog::error("request {} failed: {}", request_id, error.what());
    auto const* const system = dynamic_cast<std::system_error const*>(&error);
    bool const disk_full = system != nullptr && system->code() == std::errc::no_space_on_device;
    return errors::service_unavailable(
        disk_full ? "the disk that holds firn's data is full; free some space and retry"
                  : "firn itself failed; its log has the reason under the request id");
}

}  // namespace

struct Exchange::Call {
    using Clock = std::chrono::steady_clock;

    Services const& services;
    std::string request_id;
    Request request;
    Operation const* operation = nullptr;
    Clock::time_point started = Clock::now();
    std::uint64_t received_bytes = 0;
    unsigned status = 0;
    std::string error_code = {};

    http::Response complete(http::Response response) {
        status = response.status;
        add_common_fields(response, request_id, request.now);
        return response;
    }
    http::Response fail(ServiceError const& error) {
        error_code = error.code;
        return complete(response_of(error));
    }
    http::Response fail(std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (ServiceError const& refusal) {
            return fail(refusal);
        } catch (std::exception const& failure) {
            return fail(internal_error(request_id, failure));
        }
    }

    static void read(Call& call, Read function, Reply const& reply) {
        try {
            auto const reading = call.services.store.read();
            reply(call.complete(function(call.request, *reading)));
        } catch (...) {
            reply(call.fail(std::current_exception()));
        }
    }

    static void write(std::shared_ptr<Call> const& call, Write function, Reply reply) {
        auto const response = std::make_shared<http::Response>();
        auto const is_due = std::make_shared<bool>(false);
        auto work = [call, function, response, is_due](storage::Transaction& transaction) {
            *response = function(call->request, transaction);
            auto const due = transaction.earliest_due();
            *is_due = due && *due <= call->request.now;
        };
        auto done = [call, response, is_due, reply = std::move(reply)](std::exception_ptr error) {
            if (error) return reply(call->fail(error));
            auto answer = [call, response, reply] { reply(call->complete(std::move(*response))); };
            // What this write made due at once is done before the client hears of the write.
            if (*is_due) return call->services.settle(std::move(answer));
            answer();
        };
        call->services.store.write(std::move(work), std::move(done));
    }

    static void store_content(std::shared_ptr<Call> const& call, Write function, Reply reply) {
        try {
            auto& content = *call->request.content;
            content.finish();
            check_content(call->request);
            content.make_durable();
        } catch (...) {
            return reply(call->fail(std::current_exception()));
        }
        write(call, function, std::move(reply));
    }
};

http::Response response_of(ServiceError const& error) {
    http::Response response;
    response.status = error.status;
    response.fields.add("Content-Type", "application/json");
    response.body = body_of(error);
    response.fields.add("x-firn-hint", error.hint);
    return response;
}

ServiceError error_of(http::Refusal why) {
    switch (why) {
        case http::Refusal::malformed_request:
            return errors::bad_request("The request could not be understood.",
                                       "this is not a valid HTTP/1.1 request");
        case http::Refusal::header_too_large:
            return errors::bad_request(
                "The request header is too large.",
                "send fewer or shorter header fields; --max-header-bytes is the limit");
        case http::Refusal::body_too_large:
            return errors::bad_request("The request body is too large.",
                                       "an archive in one request is at most 4 GiB, any other body 1 MiB");
        case http::Refusal::request_timeout:
            return errors::request_timeout();
        case http::Refusal::too_many_connections:
            break;
    }
    auto error =
        errors::service_unavailable("all of firn's connections are in use; close some, or allow more");
    error.status = 503;
    return error;
}

void add_common_fields(http::Response& response, std::string const& request_id, storage::Time now) {
    response.fields.add("x-amzn-RequestId", request_id);
    response.fields.add("Date", format_http_date(now));
}

Exchange::Exchange(Services const& services, std::string request_id, http::RequestHead head)
    : call_(new Call{services, std::move(request_id), Request{services.rules, std::move(head)}}) {
    call_->request.now = services.now();
    try {
        prepare();
    } catch (ServiceError const& error) {
        refusal_ = error;
    } catch (std::exception const& error) {
        refusal_ = internal_error(call_->request_id, error);
    }
}

// The order of the checks: version, target, caller, account, operation, head. Unverified beyond the first.
void Exchange::prepare() {
    auto& request = call_->request;
    check_version();
    auto target = parse_target(request.head.target);
    if (!target)
        throw errors::bad_request("The request URI is not valid.", "the path or its encoding is broken");
    request.target = *std::move(target);
    auto const* const operation = find_operation(request.head.method, request.target);
    if (operation == nullptr) {
        throw errors::bad_request(
            fmt::format("{} {} is not an operation of this API.", request.head.method, request.head.target),
            "paths begin with the account: /-/vaults, /-/vaults/NAME, ...");
    }
    call_->operation = operation;
    request.success_status = operation->success_status;
    request.owner = identify(request.target);
    request.vault_name = path_parameter(*operation, request.target, "{vault}");
    request.resource_id = path_parameter(*operation, request.target, "{id}");
    if (operation->body == BodyKind::archive) {
        operation->check_head(request, *call_->services.store.read());
        request.content = call_->services.store.stage(request.head.content_length.value_or(0));
    }
}

void Exchange::check_version() const {
    auto const version = call_->request.head.fields.find("x-amz-glacier-version");
    if (!version) {
        throw errors::missing_parameter("API version",
                                        "every request carries x-amz-glacier-version: 2012-06-01");
    }
    if (*version != api_version) {
        throw errors::invalid_parameter(fmt::format("Invalid API version: {}", *version),
                                        "the only version is 2012-06-01");
    }
}

storage::Owner Exchange::identify(Target const& target) const {
    auto caller = call_->services.default_caller;
    auto const authorization = call_->request.head.fields.find("Authorization");
    auto const presigned = target.parameter("X-Amz-Credential");
    if (authorization || presigned) {
        auto const scope = authorization ? identity::parse_authorization(*authorization)
                                         : identity::parse_credential_scope(*presigned);
        if (!scope) {
            throw errors::invalid_signature(
                "Authorization is to read AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/glacier/aws4_request, "
                "...");
        }
        caller = identity::caller_of(*scope, caller);
    }
    auto const account = path_parameter(*call_->operation, target, "{account}");
    if (account != "-" && account != caller.account) throw errors::foreign_account(account);
    return {caller.account, caller.region};
}

std::uint64_t Exchange::body_limit_bytes() const {
    return call_->operation->body == BodyKind::archive ? archive_size_bytes_max : json_body_bytes_max;
}

bool Exchange::receive(std::span<std::byte const> piece) {
    call_->received_bytes += piece.size();
    switch (call_->operation->body) {
        case BodyKind::none:
            break;
        case BodyKind::json:
            call_->request.body.append(reinterpret_cast<char const*>(piece.data()), piece.size());
            break;
        case BodyKind::archive:
            try {
                call_->request.content->write(piece);
            } catch (std::exception const& error) {
                refusal_ = internal_error(call_->request_id, error);
                return false;
            }
    }
    return true;
}

void Exchange::finish(Reply reply) {
    auto& call = *call_;
    if (refusal_) return reply(call.fail(*refusal_));
    // The body may have taken long: what happens, happens now.
    call.request.now = call.services.now();
    if (auto const* const function = std::get_if<Read>(&call.operation->function)) {
        return Call::read(call, *function, reply);
    }
    auto const function = std::get<Write>(call.operation->function);
    if (!call.request.content) return Call::write(call_, function, std::move(reply));
    call.services.run_blocking([shared = call_, function, reply = std::move(reply)]() mutable {
        Call::store_content(shared, function, std::move(reply));
    });
}

http::Response Exchange::refuse(http::Refusal why) {
    auto error = error_of(why);
    bool const archive = call_->operation != nullptr && call_->operation->body == BodyKind::archive;
    if (archive && why == http::Refusal::body_too_large) {
        auto const length = call_->request.head.content_length.value_or(call_->received_bytes);
        error = errors::invalid_content_length(std::to_string(length), error.hint);
    }
    return call_->fail(error);
}

void Exchange::replied(std::uint64_t body_bytes, bool whole) {
    auto const& call = *call_;
    auto const& head = call.request.head;
    // As it was sent, so that nothing in it can end the line; without the query, which may hold credentials.
    auto const path = std::string_view(head.target).substr(0, head.target.find('?'));
    auto const duration = std::chrono::duration<double, std::milli>(Call::Clock::now() - call.started);
    spdlog::info("{} {} {}{} {} {}/{} in={} out={}{} {:.1f}ms {}",
                 call.operation ? call.operation->name : "-", call.status,
                 call.error_code.empty() ? "" : call.error_code + " ", head.method, path,
                 call.request.owner.account, call.request.owner.region, call.received_bytes, body_bytes,
                 whole ? "" : " cut", duration.count(), call.request_id);
}

}  // namespace firn::glacier
