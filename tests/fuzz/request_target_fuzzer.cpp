// A request target and the credential scope that comes with it: taken apart as a decoder of one screen does
// it, put together again without loss, and led to the operation that the table says.
#include <boost/algorithm/string/split.hpp>
#include <string>

#include "server/glacier/operation_table.hpp"
#include "server/identity/caller.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace firn::fuzz {
namespace {
using http::Target;

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    boost::split(parts, text, [at](char c) { return c == at; });
    return parts;
}

int digit(char c) {
    return c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0';
}

// Of text that is known to be well encoded.
std::string decode(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            FUZZ_CHECK(i + 2 < text.size());
            decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

std::string encode(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (unsigned char const c : text) encoded += {'%', digits[c >> 4], digits[c & 15]};
    return encoded;
}

// The obvious way.
http::Target decoded_target(std::string_view text) {
    http::Target target;
    auto const question = text.find('?');
    for (auto const& segment : split(text.substr(1, question - 1), '/')) {
        target.segments.push_back(decode(segment, false));
    }
    if (text.substr(0, question) == "/") target.segments = {""};
    if (question == text.npos) return target;
    for (auto const& parameter : split(text.substr(question + 1), '&')) {
        auto const equals = std::min(parameter.find('='), parameter.size());
        auto const value = equals < parameter.size() ? parameter.substr(equals + 1) : "";
        target.query.emplace(decode(parameter.substr(0, equals), true), decode(value, true));
    }
    return target;
}

std::string encoded_target(http::Target const& target) {
    std::string text;
    for (auto const& segment : target.segments) text += '/' + encode(segment);
    char before = '?';
    for (auto const& [name, value] : target.query) {
        text += before + encode(name) + '=' + encode(value);
        before = '&';
    }
    return text;
}

bool is_equal(http::Target const& a, http::Target const& b) {
    return a.segments == b.segments && a.query == b.query;
}

// Whether the table's row is for this target; with it, what stands for its parameters is right.
bool fits(glacier::Operation const& operation, std::string_view method, http::Target const& target) {
    auto const pattern = split(operation.pattern, '/');
    if (operation.method != method || pattern.size() != target.segments.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i][0] == '{') {
            auto const name = pattern[i].substr(1, pattern[i].size() - 2);
            FUZZ_CHECK(glacier::path_parameter(operation, target, name) == target.segments[i]);
        } else if (pattern[i] != target.segments[i]) {
            return false;
        }
    }
    if (operation.query.empty()) return true;
    auto const wanted = split(operation.query, '=');
    auto const found = target.query.find(wanted[0]);
    return found != target.query.end() && found->second == wanted[1];
}

void check_operation(std::string_view method, http::Target const& target) {
    glacier::Operation const* expected = nullptr;
    int count = 0;
    for (auto const& operation : glacier::operations()) {
        if (!fits(operation, method, target)) continue;
        expected = &operation;
        ++count;
    }
    FUZZ_CHECK(count <= 1);
    FUZZ_CHECK(glacier::find_operation(method, target) == expected);
}

void check_target(std::string_view text) {
    auto const target = http::parse_target(text);
    if (!target) return;
    FUZZ_CHECK(text.starts_with('/'));
    FUZZ_CHECK(is_equal(*target, decoded_target(text)));
    auto const again = http::parse_target(encoded_target(*target));
    FUZZ_CHECK(again && is_equal(*again, *target));
    for (auto const* const method : {"GET", "PUT", "POST", "DELETE"}) check_operation(method, *target);
    for (auto const& [name, value] : target->query) {
        FUZZ_CHECK(target->parameter(name).has_value() == !value.empty());
        FUZZ_CHECK(target->parameter(name).value_or("") == value);
    }
}

void check_scope(identity::CredentialScope const& scope) {
    FUZZ_CHECK(!scope.access_key.empty() && identity::is_region(scope.region));
    auto const again = identity::parse_credential_scope(scope.access_key + "/20120525/" + scope.region +
                                                        "/glacier/aws4_request");
    FUZZ_CHECK(again && again->access_key == scope.access_key && again->region == scope.region);
    auto const caller = identity::caller_of(scope, {"000000000000", "us-east-1"});
    FUZZ_CHECK(identity::is_account_id(caller.account) && caller.region == scope.region);
    FUZZ_CHECK(caller.account == scope.access_key || caller.account == "000000000000");
}

}  // namespace

// The first line is a target, the second one an Authorization header.
void try_input(std::string_view input) {
    auto const target = take_line(input);
    check_target(target);
    if (auto const scope = identity::parse_credential_scope(input)) {
        check_scope(*scope);
        FUZZ_CHECK(http::parse_target("/-/vaults?X-Amz-Credential=" + encode(input))
                       ->parameter("X-Amz-Credential") == input);
    }
    if (auto const scope = identity::parse_authorization(input)) {
        check_scope(*scope);
        FUZZ_CHECK(scope->access_key.find_first_of(", ") == std::string::npos);
        FUZZ_CHECK(input.starts_with("AWS4-HMAC-SHA256"));
    }
}

}  // namespace firn::fuzz
