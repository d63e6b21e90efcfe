#include "server/control/endpoints/listing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/control/known_names.hpp"

namespace firn::control {
namespace {

constexpr std::size_t rows_per_page_max = 1000;

// The name of the listing in its markers: no name of a listing of Glacier's API.
std::string listing_name(std::string_view resource) {
    return fmt::format("all {}", resource);
}

}  // namespace

storage::OwnerFilter requested_owners(Request const& request) {
    storage::OwnerFilter owner{request.text("account"), request.text("region")};
    check_owner(owner.account, owner.region);
    return owner;
}

storage::VaultFilter requested_vaults(Request const& request, storage::View const& view) {
    storage::VaultFilter vault{requested_owners(request), request.text("vault")};
    if (!vault.name || !view.list_vaults(vault, 0, 1).empty()) return vault;
    auto const in = [](char const* noun, std::optional<std::string> const& name) {
        return name ? fmt::format("{} {}", noun, *name) : fmt::format("any {}", noun);
    };
    throw Refusal{404, fmt::format("there is no vault {} in {}, {}", *vault.name,
                                   in("account", vault.owner.account), in("region", vault.owner.region))};
}

Page requested_page(Request const& request, Context const& context, std::string_view resource) {
    auto const limit = std::min(request.number("limit").value_or(rows_per_page_max), rows_per_page_max);
    if (limit == 0) throw Refusal{400, "limit must be a number, 1 or more"};
    Page page{resource, limit, {}};
    if (auto const marker = request.text("marker")) {
        page.from_pk = context.rules.random.place_of(*marker, listing_name(resource), 0);
        if (!page.from_pk) throw Refusal{400, "the marker does not belong to this listing"};
    }
    return page;
}

http::Response page_reply(Context const& context, Page const& page, nlohmann::ordered_json list,
                          std::optional<std::int64_t> next_pk) {
    nlohmann::ordered_json body{{std::string(page.resource), std::move(list)}, {"marker", nullptr}};
    if (next_pk) body["marker"] = context.rules.random.marker(listing_name(page.resource), 0, *next_pk);
    return json_reply(200, body);
}

nlohmann::ordered_json names_of(storage::Vault const& vault) {
    return {{"account", vault.owner.account}, {"region", vault.owner.region}, {"vault", vault.name}};
}

nlohmann::ordered_json names_of_vault(storage::View const& view, std::int64_t vault_pk) {
    return names_of(view.vault(vault_pk).value_or(storage::Vault{}));
}

}  // namespace firn::control
