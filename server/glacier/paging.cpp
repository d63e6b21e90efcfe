#include "server/glacier/paging.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/text/number.hpp"

namespace firn::glacier {

std::size_t page_limit(http::Target const& target, std::size_t maximum) {
    auto const text = target.parameter("limit");
    if (!text) return maximum;
    auto const limit = text::parse_number<std::size_t>(*text);
    bool const has_too_many_digits = !limit && text->find_first_not_of("0123456789") == text->npos;
    if (has_too_many_digits) return maximum;
    if (!limit || *limit == 0) {
        throw errors::invalid_parameter(
            fmt::format("Invalid limit: {}", *text),
            fmt::format("limit is an integer from 1; more than {} counts as {}", maximum, maximum));
    }
    return std::min(*limit, maximum);
}

std::optional<std::int64_t> page_start(Request const& request, std::string_view listing,
                                       std::int64_t scope_pk) {
    auto const marker = request.target.parameter("marker");
    if (!marker) return std::nullopt;
    auto const place = request.rules.random.place_of(*marker, listing, scope_pk);
    if (!place) throw errors::invalid_marker(*marker);
    return place;
}

}  // namespace firn::glacier
