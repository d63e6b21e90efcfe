// Lists in pages: a client asks for `limit` rows from a `marker` on, and is given the marker of the next
// page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/glacier/request.hpp"

namespace firn::glacier {

// The query's `limit`: `maximum` when it is absent or larger. Throws ServiceError when it is not a positive
// integer.
std::size_t page_limit(http::Target const& target, std::size_t maximum);

// The place at which the query's `marker` says that the page begins; nothing without a marker. `scope_pk` is
// the key of the vault or upload that is listed. Throws ServiceError when the marker does not belong to this
// listing.
std::optional<std::int64_t> page_start(Request const& request, std::string_view listing,
                                       std::int64_t scope_pk);

// `rows` are what a query for `limit` + 1 rows found. Takes the last row off when there are more than
// `limit`, and returns it: the next page begins there.
template <typename Row>
std::optional<Row> cut_page(std::vector<Row>& rows, std::size_t limit) {
    if (rows.size() <= limit) return std::nullopt;
    std::optional<Row> next(std::move(rows.back()));
    rows.pop_back();
    return next;
}

}  // namespace firn::glacier
