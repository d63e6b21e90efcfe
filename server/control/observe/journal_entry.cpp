#include "server/control/observe/journal_entry.hpp"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <locale>
#include <span>

#include "server/glacier/limits.hpp"
#include "server/http/target.hpp"

namespace firn::control {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t method_length_max = 32;
// Most requests have fewer bytes of headers that are kept, and of a query.
constexpr std::size_t usual_bytes = 256;

constexpr auto amazon_prefix = "x-amz-"sv;
constexpr std::array kept_headers = {"range"sv,        "content-range"sv, "content-length"sv,
                                     "content-type"sv, "user-agent"sv,    "expect"sv};
// Headers and parameters of the query with credentials, or with something made from them.
constexpr std::array secrets = {"x-amz-security-token"sv, "x-amz-signature"sv, "x-amz-credential"sv,
                                "awsaccesskeyid"sv, "signature"sv};
// Those of them that are no ordinary word.
constexpr auto long_secrets = std::span(secrets).first(4);

// ASCII letters, in every locale.
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same(std::string_view known, std::string_view name) {
    return known.size() == name.size() && std::ranges::equal(known, name, {}, {}, lower);
}

template <typename Names>
bool is_among(Names const& names, std::string_view name) {
    return std::ranges::any_of(names, [&](std::string_view known) { return is_same(known, name); });
}

// Runs for each header of each request, so it copies nothing.
bool is_kept_header(std::string_view name) {
    // The first letter decides for most of them.
    bool const is_amazon = !name.empty() && lower(name.front()) == amazon_prefix.front() &&
                           is_same(amazon_prefix, name.substr(0, amazon_prefix.size()));
    return is_amazon ? !is_among(secrets, name) : is_among(kept_headers, name);
}

// Also one in which a client has hidden a secret: a=b;X-Amz-Signature=... What cannot be decoded counts as a
// secret.
bool is_secret_parameter(std::string_view parameter) {
    auto const target = http::parse_target("/?" + std::string(parameter));
    if (!target || target->query.empty()) return true;
    auto const& decoded = *target->query.begin();
    auto const is_held = [&](std::string_view secret) {
        return boost::icontains(decoded.first, secret, std::locale::classic()) ||
               boost::icontains(decoded.second, secret, std::locale::classic());
    };
    return is_among(secrets, decoded.first) || std::ranges::any_of(long_secrets, is_held);
}

void shorten(std::string& text, std::size_t bytes_max, std::string_view name, JournalEntry& entry) {
    if (text.size() <= bytes_max) return;
    text.resize(bytes_max);
    text.shrink_to_fit();
    entry.cut.push_back(name);
}

// A text that has grown has room for more, which an entry does not need.
void give_back_room(std::string& text) {
    if (text.capacity() > usual_bytes) text.shrink_to_fit();
}

void keep_query(std::string_view target, JournalEntry& entry) {
    auto const mark = target.find('?');
    auto rest = mark == target.npos ? "" : target.substr(mark + 1);
    while (!rest.empty()) {
        auto const parameter = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(parameter.size() + 1, rest.size()));
        if (parameter.empty() || is_secret_parameter(parameter)) continue;
        if (!entry.query.empty()) entry.query += '&';
        entry.query += parameter;
    }
    give_back_room(entry.query);
    shorten(entry.query, entry_text_bytes_max, "query", entry);
}

void keep_headers(http::Fields const& fields, JournalEntry& entry) {
    auto& lines = entry.headers;
    lines.reserve(usual_bytes);
    bool is_cut = false;
    for (auto const& [name, value] : fields) {
        if (!is_kept_header(name)) continue;
        // With the colon, the blank and the end of the line.
        if (lines.size() + name.size() + value.size() + 3 > entry_text_bytes_max) {
            is_cut = true;
            continue;
        }
        lines.append(name).append(": ").append(value) += '\n';
    }
    give_back_room(lines);
    if (is_cut) entry.cut.push_back("headers");
}

}  // namespace

JournalEntry make_entry(glacier::RequestRecord&& record, http::RequestHead const& head, std::string_view body,
                        std::size_t body_bytes_max) {
    JournalEntry entry{std::move(record), {}, {}, {}, {}};
    shorten(entry.method, method_length_max, "method", entry);
    shorten(entry.path, entry_text_bytes_max, "path", entry);
    shorten(entry.vault, glacier::vault_name_length_max, "vault", entry);
    keep_query(head.target, entry);
    keep_headers(head.fields, entry);
    if (!body.empty()) entry.body = body.substr(0, body_bytes_max);
    if (entry.body.size() < body.size()) entry.cut.push_back("body");
    return entry;
}

}  // namespace firn::control
