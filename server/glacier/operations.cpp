#include "server/glacier/operations.hpp"

#include <algorithm>
#include <array>

#include "server/glacier/archives.hpp"
#include "server/glacier/job_output.hpp"
#include "server/glacier/jobs.hpp"
#include "server/glacier/vaults.hpp"

namespace firn::glacier {
namespace {

using enum BodyKind;

constexpr std::monostate not_built;

// clang-format off
constexpr std::array<Operation, 33> table = {{
    {"CreateVault", "PUT", "{account}/vaults/{vault}", "", none, create_vault},
    {"DescribeVault", "GET", "{account}/vaults/{vault}", "", none, describe_vault},
    {"ListVaults", "GET", "{account}/vaults", "", none, list_vaults},
    {"DeleteVault", "DELETE", "{account}/vaults/{vault}", "", none, delete_vault},
    {"SetVaultNotifications", "PUT", "{account}/vaults/{vault}/notification-configuration", "", json, not_built},
    {"GetVaultNotifications", "GET", "{account}/vaults/{vault}/notification-configuration", "", none, not_built},
    {"DeleteVaultNotifications", "DELETE", "{account}/vaults/{vault}/notification-configuration", "", none, not_built},
    {"SetVaultAccessPolicy", "PUT", "{account}/vaults/{vault}/access-policy", "", json, not_built},
    {"GetVaultAccessPolicy", "GET", "{account}/vaults/{vault}/access-policy", "", none, not_built},
    {"DeleteVaultAccessPolicy", "DELETE", "{account}/vaults/{vault}/access-policy", "", none, not_built},
    {"InitiateVaultLock", "POST", "{account}/vaults/{vault}/lock-policy", "", json, not_built},
    {"GetVaultLock", "GET", "{account}/vaults/{vault}/lock-policy", "", none, not_built},
    {"AbortVaultLock", "DELETE", "{account}/vaults/{vault}/lock-policy", "", none, not_built},
    {"CompleteVaultLock", "POST", "{account}/vaults/{vault}/lock-policy/{id}", "", none, not_built},
    {"AddTagsToVault", "POST", "{account}/vaults/{vault}/tags", "operation=add", json, not_built},
    {"RemoveTagsFromVault", "POST", "{account}/vaults/{vault}/tags", "operation=remove", json, not_built},
    {"ListTagsForVault", "GET", "{account}/vaults/{vault}/tags", "", none, not_built},
    {"UploadArchive", "POST", "{account}/vaults/{vault}/archives", "", archive, upload_archive, check_upload_archive},
    {"DeleteArchive", "DELETE", "{account}/vaults/{vault}/archives/{id}", "", none, delete_archive},
    {"InitiateMultipartUpload", "POST", "{account}/vaults/{vault}/multipart-uploads", "", none, not_built},
    {"UploadMultipartPart", "PUT", "{account}/vaults/{vault}/multipart-uploads/{id}", "", archive, not_built},
    {"CompleteMultipartUpload", "POST", "{account}/vaults/{vault}/multipart-uploads/{id}", "", none, not_built},
    {"AbortMultipartUpload", "DELETE", "{account}/vaults/{vault}/multipart-uploads/{id}", "", none, not_built},
    {"ListParts", "GET", "{account}/vaults/{vault}/multipart-uploads/{id}", "", none, not_built},
    {"ListMultipartUploads", "GET", "{account}/vaults/{vault}/multipart-uploads", "", none, not_built},
    {"InitiateJob", "POST", "{account}/vaults/{vault}/jobs", "", json, initiate_job},
    {"DescribeJob", "GET", "{account}/vaults/{vault}/jobs/{id}", "", none, describe_job},
    {"ListJobs", "GET", "{account}/vaults/{vault}/jobs", "", none, list_jobs},
    {"GetJobOutput", "GET", "{account}/vaults/{vault}/jobs/{id}/output", "", none, get_job_output},
    {"GetDataRetrievalPolicy", "GET", "{account}/policies/data-retrieval", "", none, not_built},
    {"SetDataRetrievalPolicy", "PUT", "{account}/policies/data-retrieval", "", json, not_built},
    {"ListProvisionedCapacity", "GET", "{account}/provisioned-capacity", "", none, not_built},
    {"PurchaseProvisionedCapacity", "POST", "{account}/provisioned-capacity", "", none, not_built},
}};
// clang-format on

// Calls visit(part of the pattern, segment of the target) for each pair. False when their numbers differ, or
// when `visit` says so.
template <typename Visit>
bool walk(std::string_view pattern, Target const& target, Visit visit) {
    std::size_t segment = 0;
    for (std::size_t begin = 0; begin <= pattern.size(); ++segment) {
        auto const end = std::min(pattern.find('/', begin), pattern.size());
        if (segment == target.segments.size()) return false;
        if (!visit(pattern.substr(begin, end - begin), std::string_view(target.segments[segment])))
            return false;
        begin = end + 1;
    }
    return segment == target.segments.size();
}

bool has_query(std::string_view required, Target const& target) {
    if (required.empty()) return true;
    auto const equals = required.find('=');
    return target.parameter(required.substr(0, equals)) == required.substr(equals + 1);
}

}  // namespace

std::span<Operation const> operations() {
    return table;
}

Operation const* find_operation(std::string_view method, Target const& target) {
    auto const matches = [&](Operation const& operation) {
        auto const fits = [](std::string_view part, std::string_view segment) {
            return part.starts_with('{') || part == segment;
        };
        return operation.method == method && walk(operation.pattern, target, fits) &&
               has_query(operation.query, target);
    };
    auto const found = std::find_if(table.begin(), table.end(), matches);
    return found == table.end() ? nullptr : &*found;
}

std::string_view path_parameter(Operation const& operation, Target const& target,
                                std::string_view parameter) {
    std::string_view found;
    walk(operation.pattern, target, [&](std::string_view part, std::string_view segment) {
        if (part == parameter) found = segment;
        return true;
    });
    return found;
}

}  // namespace firn::glacier
