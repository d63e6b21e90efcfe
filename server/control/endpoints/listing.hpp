// What the listings of the records of all owners have in common: filters and pages.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/control/context.hpp"
#include "server/control/request.hpp"
#include "server/glacier/paging.hpp"

namespace firn::control {

// The query's `account` and `region`. Throws Refusal 400 when the account is not 12 digits.
storage::OwnerFilter requested_owners(Request const& request);
// The same with `vault`. Throws Refusal 404 when no vault matches the three: a misspelled name would find
// nothing.
storage::VaultFilter requested_vaults(Request const& request, storage::View const& view);

// A page that the query asks for with `limit` and `marker`.
struct Page {
    std::string_view resource;  // the last segment of the path
    std::size_t limit;
    std::optional<std::int64_t> from_pk;  // where the page begins; nothing: at the beginning
};

// Throws Refusal 400 for a limit below 1 and for a marker of another listing.
Page requested_page(Request const& request, Context const& context, std::string_view resource);

http::Response page_reply(Context const& context, Page const& page, nlohmann::ordered_json list,
                          std::optional<std::int64_t> next_pk);

// `rows` are what a query for one row more than the page's limit found; `pk` is the member with their key.
template <typename Row, typename Record, typename Describe>
http::Response page_reply(Context const& context, Page const& page, std::vector<Row> rows,
                          std::int64_t Record::*pk, Describe const& describe) {
    auto const next = glacier::cut_page(rows, page.limit);
    auto list = nlohmann::ordered_json::array();
    for (auto const& row : rows) list.push_back(describe(row));
    return page_reply(context, page, std::move(list), next ? std::optional((*next).*pk) : std::nullopt);
}

// The members that name a vault: account, region and vault.
nlohmann::ordered_json names_of(storage::Vault const& vault);
// `vault_pk` is the vault of a record in the same view.
nlohmann::ordered_json names_of_vault(storage::View const& view, std::int64_t vault_pk);

}  // namespace firn::control
