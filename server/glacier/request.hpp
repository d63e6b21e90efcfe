// What an operation is given, and the pieces that all of them use.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/glacier/error.hpp"
#include "server/glacier/random.hpp"
#include "server/glacier/timing.hpp"
#include "server/http/message.hpp"
#include "server/http/target.hpp"
#include "storage/blobs/staged_blob.hpp"
#include "storage/view.hpp"

namespace firn::glacier {

// What the operator chose; the same for all requests.
struct Rules {
    Timing timing;
    Random random;
};

std::string vault_arn(storage::Owner const& owner, std::string_view name);

struct Request {
    Rules const& rules;
    http::RequestHead head = {};
    http::Target target = {};
    storage::Owner owner = {};
    std::string vault_name = {};                        // where the path has one
    std::string resource_id = {};                       // of an archive or a job, where the path has one
    std::string body = {};                              // of a JSON operation
    std::shared_ptr<storage::StagedBlob> content = {};  // of an archive operation: complete, hashes known
    std::optional<std::string> job_failure = {};        // the job that is initiated is to fail so
    storage::Time now = {};                             // one moment for the whole request
    unsigned success_status = 200;

    // The ARN that this request's vault has, whether or not it exists.
    std::string vault_arn() const { return vault_arn(vault_name); }
    std::string vault_arn(std::string_view name) const { return glacier::vault_arn(owner, name); }
    // `/ACCOUNT/vaults/NAME` with the real account, for Location headers.
    std::string vault_path() const;
};

bool is_vault_name(std::string_view name);

// The vault of the request, or ServiceError.
storage::Vault require_vault(Request const& request, storage::View const& view);

// Throws ServiceError unless it is at most 1024 of the characters 0x20–0x7E. `parameter` names it in the
// message.
void check_description(std::string_view description, std::string_view parameter);

// The query's `limit`: absent is `maximum`, more is clamped. Throws ServiceError when it is no positive
// integer.
std::size_t page_limit(http::Target const& target, std::size_t maximum);

// The place where the query's `marker` says that the page begins; nothing without one. Throws ServiceError
// when the marker is not of that listing. `scope_pk`: of the vault or upload that is listed.
std::optional<std::int64_t> page_start(Request const& request, std::string_view listing,
                                       std::int64_t scope_pk);

// Throws ServiceError unless it looks like the ARN of an SNS topic.
void check_sns_topic(std::string_view topic);

// With the status that the operation succeeds with.
http::Response empty_response(Request const& request);
http::Response json_response(Request const& request, std::string body);

}  // namespace firn::glacier
