// A store in memory for the whole process, in which every try is undone, and requests to it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "server/glacier/operation_table.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_object.hpp"
#include "storage/store.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace firn::fuzz {

inline storage::Owner const owner = {"123456789012", "us-east-1"};
inline storage::Time const now{std::chrono::seconds(1'700'000'000)};

// What an operation said: a response, or a refusal that was found to be one that a client may see.
struct Answer {
    std::optional<http::Response> response;
    unsigned status = 0;

    std::string const& text() const { return std::get<std::string>(response->body); }
    nlohmann::json json() const { return nlohmann::json::parse(text()); }
    std::string field(std::string_view name) const {
        return std::string(response->fields.find(name).value());
    }
};

inline void check_refusal(glacier::ServiceError const& error) {
    FUZZ_CHECK(error.status >= 400 && error.status < 500 && !error.code.empty() && !error.hint.empty());
    auto const body = nlohmann::json::parse(glacier::body_of(error));
    FUZZ_CHECK(body.size() == 3 && body.at("code") == error.code && body.at("type") == "Client");
    FUZZ_CHECK(body.at("message").is_string());
}

struct World {
    storage::Store store{storage::DataDirectory::temporary()};
    glacier::Rules const rules{*glacier::Timing::profile("fast"), glacier::Random("fuzz")};

    // Nothing of what `work` does stays.
    void try_in_transaction(std::function<void(storage::Transaction&)> const& work) {
        struct Undone {};
        try {
            store.write_and_wait([&work](storage::Transaction& transaction) {
                work(transaction);
                throw Undone{};
            });
        } catch (Undone const&) {
        }
    }

    glacier::Request request_to(std::string const& vault_name) const {
        glacier::Request request{rules};
        request.owner = owner;
        request.vault_name = vault_name;
        request.now = now;
        return request;
    }
};

inline glacier::Operation const& operation_of(std::string_view name) {
    for (auto const& operation : glacier::operations()) {
        if (operation.name == name) return operation;
    }
    std::abort();
}

inline bool is_read(glacier::Operation const& operation) {
    return !std::holds_alternative<glacier::Write>(operation.function);
}

inline http::Response read(glacier::Operation const& operation, glacier::Request const& request,
                           storage::View const& view) {
    if (auto const* const describe = std::get_if<glacier::JsonRead>(&operation.function))
        return glacier::json_response(request, (*describe)(request, view));
    return std::get<glacier::Read>(operation.function)(request, view);
}

// What is neither a ServiceError nor a JsonError escapes.
inline Answer call(glacier::Operation const& operation, glacier::Request request,
                   storage::Transaction& transaction) {
    request.success_status = operation.success_status;
    Answer answer;
    try {
        if (operation.check_head != nullptr) operation.check_head(request, transaction);
        if (auto const* const write = std::get_if<glacier::Write>(&operation.function)) {
            answer.response = (*write)(request, transaction);
        } else {
            answer.response = read(operation, request, transaction);
        }
        answer.status = answer.response->status;
        FUZZ_CHECK(answer.status >= 200 && answer.status < 300);
    } catch (glacier::ServiceError const& error) {
        check_refusal(error);
        answer.status = error.status;
    } catch (text::JsonError const& error) {
        FUZZ_CHECK(*error.what() != '\0');
        answer.status = 400;
    }
    return answer;
}

inline Answer call(std::string_view name, glacier::Request const& request,
                   storage::Transaction& transaction) {
    return call(operation_of(name), request, transaction);
}

}  // namespace firn::fuzz
