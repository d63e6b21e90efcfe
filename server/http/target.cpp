#include "server/http/target.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/url_view.hpp>

namespace firn::http {

std::optional<std::string_view> Target::parameter(std::string_view name) const {
    auto const found = query.find(name);
    if (found == query.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::optional<AbsoluteTarget> parse_absolute_target(std::string_view text) {
    auto const scheme = text.substr(0, text.find("://"));
    if (!boost::iequals(scheme, "http") && !boost::iequals(scheme, "https")) return std::nullopt;
    if (scheme.size() == text.size()) return std::nullopt;
    text.remove_prefix(scheme.size() + 3);
    auto const authority = text.substr(0, text.find_first_of("/?#"));
    auto const parsed = boost::urls::parse_authority({authority.data(), authority.size()});
    if (!parsed || parsed->has_userinfo() || parsed->encoded_host().empty()) return std::nullopt;
    auto const path = text.substr(authority.size());
    return AbsoluteTarget{std::string(authority), (path.starts_with('/') ? "" : "/") + std::string(path)};
}

std::optional<Target> parse_target(std::string_view text) {
    auto const parsed = boost::urls::parse_origin_form({text.data(), text.size()});
    if (!parsed) return std::nullopt;
    Target target;
    // Not encoded_segments(): it skips a leading "./".
    std::string_view path(parsed->encoded_path().data(), parsed->encoded_path().size());
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        auto const segment = path.substr(0, path.find('/'));
        target.segments.push_back(boost::urls::pct_string_view(segment.data(), segment.size()).decode());
        path.remove_prefix(segment.size());
    }
    for (auto const parameter : parsed->encoded_params()) {
        boost::urls::encoding_opts const form(true);
        auto const [place, is_new] = target.query.emplace(
            parameter.key.decode(form), parameter.has_value ? parameter.value.decode(form) : "");
        if (!is_new) target.repeated_parameter = place->first;
    }
    return target;
}

}  // namespace firn::http
