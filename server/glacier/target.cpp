#include "server/glacier/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace firn::glacier {

std::optional<std::string_view> Target::parameter(std::string_view name) const {
    auto const found = query.find(name);
    if (found == query.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::optional<Target> parse_target(std::string_view text) {
    auto const parsed = boost::urls::parse_origin_form({text.data(), text.size()});
    if (!parsed) return std::nullopt;
    Target target;
    for (auto const segment : parsed->encoded_segments()) target.segments.push_back(segment.decode());
    for (auto const parameter : parsed->encoded_params()) {
        boost::urls::encoding_opts const form(true);
        target.query.emplace(parameter.key.decode(form),
                             parameter.has_value ? parameter.value.decode(form) : "");
    }
    return target;
}

}  // namespace firn::glacier
