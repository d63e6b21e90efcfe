#include "server/glacier/request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/glacier/limits.hpp"

namespace firn::glacier {

std::string Request::vault_path() const {
    return fmt::format("/{}/vaults/{}", owner.account, vault_name);
}

bool is_vault_name(std::string_view name) {
    return !name.empty() && name.size() <= vault_name_length_max &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '-';
           });
}

storage::Vault require_vault(Request const& request, storage::View const& view) {
    // For a name that no vault can have, the service's message shows the name in place of the ARN.
    if (!is_vault_name(request.vault_name)) throw errors::vault_not_found(request.vault_name);
    auto vault = view.find_vault(request.owner, request.vault_name);
    if (!vault) throw errors::vault_not_found(request.vault_arn());
    return *std::move(vault);
}

void check_description(std::string_view description, std::string_view parameter) {
    bool const printable =
        std::all_of(description.begin(), description.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
    if (printable && description.size() <= description_length_max) return;
    throw errors::invalid_parameter(
        fmt::format("Invalid {}: {}", parameter, description),
        "a description has at most 1024 characters, all of them printable ASCII (0x20 to 0x7E)");
}

}  // namespace firn::glacier
