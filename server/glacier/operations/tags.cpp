#include "server/glacier/operations/tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <cctype>

#include "server/glacier/limits.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_object.hpp"
#include "server/text/json_text.hpp"

namespace firn::glacier {
namespace {

// Allows letters of any script; the JSON parser has checked that the text is UTF-8.
bool is_tag_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c >= 0x80 || std::isalnum(c) != 0 ||
               std::string_view(" _./=+-@:").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

void check_key(std::string const& key) {
    if (!key.empty() && character_count(key) <= tag_key_length_max && is_tag_text(key) &&
        !boost::istarts_with(key, "aws:")) {
        return;
    }
    throw errors::invalid_parameter(fmt::format("Invalid tag key: {}", key),
                                    "a key has 1 to 128 characters: letters, digits, spaces and _ . / = + - "
                                    "@ :; it does not begin with aws:");
}

void check_value(std::string const& value) {
    if (character_count(value) <= tag_value_length_max && is_tag_text(value)) return;
    throw errors::invalid_parameter(
        fmt::format("Invalid tag value: {}", value),
        "a value has at most 255 characters: letters, digits, spaces and _ . / = + - @ :");
}

void check_count(std::size_t count, std::string_view member) {
    if (count >= 1 && count <= tags_per_call_max) return;
    throw errors::invalid_parameter(fmt::format("Invalid number of {}: {}", member, count),
                                    "one call adds or removes 1 to 10 tags");
}

}  // namespace

http::Response add_tags_to_vault(Request const& request, storage::Transaction& transaction) {
    auto const added = text::JsonObject::parse_body(request.body).string_map("Tags");
    if (!added) throw errors::missing_parameter("tags", "send {\"Tags\": {\"key\": \"value\"}}");
    check_count(added->size(), "tags");
    for (auto const& [key, value] : *added) {
        check_key(key);
        check_value(value);
    }
    auto const vault = require_vault(request, transaction);
    auto tags = transaction.tags(vault.vault_pk);
    for (auto const& [key, value] : *added) tags[key] = value;
    if (tags.size() > tags_max) {
        throw errors::limit_exceeded(fmt::format("The tag limit of {} for the vault has been exceeded: {}",
                                                 tags_max, request.vault_arn()),
                                     "none of these tags was added; first remove some");
    }
    for (auto const& [key, value] : *added) transaction.set_tag(vault.vault_pk, key, value);
    return success_response(request);
}

http::Response remove_tags_from_vault(Request const& request, storage::Transaction& transaction) {
    auto const keys = text::JsonObject::parse_body(request.body).strings("TagKeys");
    if (!keys) throw errors::missing_parameter("tagKeys", "send {\"TagKeys\": [\"key\"]}");
    check_count(keys->size(), "tag keys");
    for (auto const& key : *keys) check_key(key);
    auto const vault = require_vault(request, transaction);
    for (auto const& key : *keys) transaction.remove_tag(vault.vault_pk, key);
    return success_response(request);
}

std::string list_tags_for_vault(Request const& request, storage::View const& view) {
    auto const vault = require_vault(request, view);
    text::JsonText json;
    json.begin_object().key("Tags").begin_object();
    for (auto const& [key, value] : view.tags(vault.vault_pk)) json.member(key, value);
    json.end_object().end_object();
    return json.take();
}

}  // namespace firn::glacier
