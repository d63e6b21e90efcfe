// What an operation is given, and the checks of it that most operations share.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/glacier/arn.hpp"
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

struct Request {
    Rules const& rules;
    http::RequestHead head = {};
    http::Target target = {};
    storage::Owner owner = {};
    std::string vault_name = {};                        // empty where the path has none
    std::string resource_id = {};                       // {id}: of an archive, job, upload or lock
    std::string body = {};                              // of a JSON operation
    std::shared_ptr<storage::StagedBlob> content = {};  // the archive or part: complete, its hashes known
    std::optional<std::string> job_failure = {};        // why the job that is initiated will fail
    storage::Time now = {};                             // one moment for the whole request
    unsigned success_status = 200;

    // The ARN of the request's vault, whether or not it exists.
    std::string vault_arn() const { return vault_arn(vault_name); }
    std::string vault_arn(std::string_view name) const { return glacier::vault_arn(owner, name); }
    // `/ACCOUNT/vaults/NAME` with the real account, for Location headers.
    std::string vault_path() const;
};

bool is_vault_name(std::string_view name);

// The vault of the request. Throws ServiceError when there is none.
storage::Vault require_vault(Request const& request, storage::View const& view);

// Throws ServiceError unless the description has at most 1024 characters, all of 0x20–0x7E. `parameter` names
// it in the message.
void check_description(std::string_view description, std::string_view parameter);

}  // namespace firn::glacier
