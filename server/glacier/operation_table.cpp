#include "server/glacier/operation_table.hpp"

#include <algorithm>
#include <iterator>

#include "server/glacier/operations/access_policy.hpp"
#include "server/glacier/operations/archives.hpp"
#include "server/glacier/operations/data_retrieval.hpp"
#include "server/glacier/operations/job_output.hpp"
#include "server/glacier/operations/jobs.hpp"
#include "server/glacier/operations/multipart.hpp"
#include "server/glacier/operations/notifications.hpp"
#include "server/glacier/operations/provisioned_capacity.hpp"
#include "server/glacier/operations/tags.hpp"
#include "server/glacier/operations/vault_lock.hpp"
#include "server/glacier/operations/vaults.hpp"
#include "server/http/path_pattern.hpp"

namespace firn::glacier {
namespace {

using enum BodyKind;

// The path of a vault; most paths begin with it.
#define VAULT "{account}/vaults/{vault}"

// clang-format off
constexpr Operation table[] = {
    {"CreateVault", "PUT", VAULT, "", 201, none, create_vault},
    {"DescribeVault", "GET", VAULT, "", 200, none, describe_vault},
    {"ListVaults", "GET", "{account}/vaults", "", 200, none, list_vaults},
    {"DeleteVault", "DELETE", VAULT, "", 204, none, delete_vault},
    {"SetVaultNotifications", "PUT", VAULT "/notification-configuration", "", 204, json, set_vault_notifications},
    {"GetVaultNotifications", "GET", VAULT "/notification-configuration", "", 200, none, get_vault_notifications},
    {"DeleteVaultNotifications", "DELETE", VAULT "/notification-configuration", "", 204, none,
     delete_vault_notifications},
    {"SetVaultAccessPolicy", "PUT", VAULT "/access-policy", "", 204, json, set_vault_access_policy},
    {"GetVaultAccessPolicy", "GET", VAULT "/access-policy", "", 200, none, get_vault_access_policy},
    {"DeleteVaultAccessPolicy", "DELETE", VAULT "/access-policy", "", 204, none, delete_vault_access_policy},
    {"InitiateVaultLock", "POST", VAULT "/lock-policy", "", 201, json, initiate_vault_lock},
    {"GetVaultLock", "GET", VAULT "/lock-policy", "", 200, none, get_vault_lock},
    {"AbortVaultLock", "DELETE", VAULT "/lock-policy", "", 204, none, abort_vault_lock},
    {"CompleteVaultLock", "POST", VAULT "/lock-policy/{id}", "", 204, none, complete_vault_lock},
    {"AddTagsToVault", "POST", VAULT "/tags", "operation=add", 204, json, add_tags_to_vault},
    {"RemoveTagsFromVault", "POST", VAULT "/tags", "operation=remove", 204, json, remove_tags_from_vault},
    {"ListTagsForVault", "GET", VAULT "/tags", "", 200, none, list_tags_for_vault},
    {"UploadArchive", "POST", VAULT "/archives", "", 201, archive, upload_archive, check_upload_archive},
    {"DeleteArchive", "DELETE", VAULT "/archives/{id}", "", 204, none, delete_archive},
    {"InitiateMultipartUpload", "POST", VAULT "/multipart-uploads", "", 201, none, initiate_multipart_upload},
    {"UploadMultipartPart", "PUT", VAULT "/multipart-uploads/{id}", "", 204, archive, upload_multipart_part,
     check_upload_multipart_part},
    {"CompleteMultipartUpload", "POST", VAULT "/multipart-uploads/{id}", "", 201, none, complete_multipart_upload},
    {"AbortMultipartUpload", "DELETE", VAULT "/multipart-uploads/{id}", "", 204, none, abort_multipart_upload},
    {"ListParts", "GET", VAULT "/multipart-uploads/{id}", "", 200, none, list_parts},
    {"ListMultipartUploads", "GET", VAULT "/multipart-uploads", "", 200, none, list_multipart_uploads},
    {"InitiateJob", "POST", VAULT "/jobs", "", 202, json, initiate_job},
    {"DescribeJob", "GET", VAULT "/jobs/{id}", "", 200, none, describe_job},
    {"ListJobs", "GET", VAULT "/jobs", "", 200, none, list_jobs},
    {"GetJobOutput", "GET", VAULT "/jobs/{id}/output", "", 200, none, get_job_output},
    {"GetDataRetrievalPolicy", "GET", "{account}/policies/data-retrieval", "", 200, none, get_data_retrieval_policy},
    {"SetDataRetrievalPolicy", "PUT", "{account}/policies/data-retrieval", "", 204, json, set_data_retrieval_policy},
    {"ListProvisionedCapacity", "GET", "{account}/provisioned-capacity", "", 200, none, list_provisioned_capacity},
    {"PurchaseProvisionedCapacity", "POST", "{account}/provisioned-capacity", "", 201, none,
     purchase_provisioned_capacity},
};
// clang-format on

bool has_query(std::string_view required, http::Target const& target) {
    if (required.empty()) return true;
    auto const equals = required.find('=');
    return target.parameter(required.substr(0, equals)) == required.substr(equals + 1);
}

}  // namespace

std::span<Operation const> operations() {
    return table;
}

Operation const* find_operation(std::string_view method, http::Target const& target) {
    auto const matches = [&](Operation const& operation) {
        return operation.method == method && http::match_path(operation.pattern, target.segments) &&
               has_query(operation.query, target);
    };
    auto const* const found = std::ranges::find_if(table, matches);
    return found == std::end(table) ? nullptr : found;
}

std::string_view path_parameter(Operation const& operation, http::Target const& target,
                                std::string_view parameter) {
    std::string_view found;
    http::match_path(operation.pattern, target.segments,
                     [&](std::string_view name, std::string_view segment) {
                         if (name == parameter) found = segment;
                     });
    return found;
}

}  // namespace firn::glacier
