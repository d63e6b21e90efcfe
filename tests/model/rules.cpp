#include "tests/model/rules.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <vector>

namespace firn::test::model {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

std::string digest(std::string_view bytes) {
    std::string result(SHA256_DIGEST_LENGTH, '\0');
    ::SHA256(reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(),
             reinterpret_cast<unsigned char*>(result.data()));
    return result;
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (unsigned char const c : bytes) {
        text += "0123456789abcdef"[c >> 4];
        text += "0123456789abcdef"[c & 15];
    }
    return text;
}

std::optional<Time> parse(std::string const& text, bool fraction) {
    int year = 0;
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0;
    int const fields =
        std::sscanf(text.c_str(), fraction ? "%4d-%2u-%2uT%2u:%2u:%2u.%3uZ" : "%4d-%2u-%2uT%2u:%2u:%2uZ",
                    &year, &month, &day, &hour, &minute, &second, &milli);
    if (fields != (fraction ? 7 : 6)) return std::nullopt;
    using namespace std::chrono;
    return Time(sys_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute) +
                seconds(second) + milliseconds(milli));
}

std::string text_of(Time time, bool fraction) {
    using namespace std::chrono;
    auto const day = floor<days>(time);
    year_month_day const date(day);
    hh_mm_ss const clock(time - day);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                  int(clock.minutes().count()), int(clock.seconds().count()));
    std::string result = text;
    if (fraction) {
        std::snprintf(text, sizeof text, ".%03d", int(clock.subseconds().count()));
        result += text;
    }
    return result + "Z";
}

}  // namespace

std::string milliseconds_text(Time time) {
    return text_of(time, true);
}

std::string seconds_text(Time time) {
    return text_of(time, false);
}

std::optional<Time> parse_seconds(std::string const& text) {
    return parse(text, false);
}

std::optional<Time> parse_milliseconds(std::string const& text) {
    return parse(text, true);
}

std::string linear_hash(std::string_view content) {
    return hex(digest(content));
}

std::string tree_hash_of(std::string_view content) {
    std::vector<std::string> level;
    for (std::size_t i = 0; i < content.size(); i += mebibyte)
        level.push_back(digest(content.substr(i, mebibyte)));
    if (level.empty()) return linear_hash("");
    while (level.size() > 1) {
        std::vector<std::string> above;
        for (std::size_t i = 0; i < level.size(); i += 2) {
            above.push_back(i + 1 < level.size() ? digest(level[i] + level[i + 1]) : level[i]);
        }
        level = above;
    }
    return hex(level[0]);
}

bool is_aligned(std::uint64_t first, std::uint64_t last, std::uint64_t size) {
    if (first % mebibyte != 0 || ((last + 1) % mebibyte != 0 && last + 1 != size)) return false;
    auto const leaves = (size + mebibyte - 1) / mebibyte;
    auto const begin = first / mebibyte;
    auto const end = last / mebibyte + 1;
    for (std::uint64_t width = 1; begin % width == 0; width *= 2) {
        if (end == std::min(begin + width, leaves)) return true;
        if (width >= leaves) return false;
    }
    return false;
}

std::optional<std::uint64_t> number_of(std::string const& text) {
    bool const digits =
        std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (text.empty() || text.size() > 18 || !digits) return std::nullopt;
    return std::stoull(text);
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(std::string const& text) {
    auto const dash = text.find('-');
    if (dash == text.npos) return std::nullopt;
    auto const first = number_of(text.substr(0, dash));
    auto const last = number_of(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return std::pair(*first, *last);
}

json object_of(std::string const& body) {
    if (body.empty()) return json::object();
    auto object = json::parse(body, nullptr, false);
    if (!object.is_object()) throw unreadable;
    return object;
}

std::optional<std::string> text_of(json const& object, char const* name) {
    if (!object.contains(name) || object[name].is_null()) return std::nullopt;
    if (!object[name].is_string()) throw unreadable;
    return object[name].get<std::string>();
}

std::optional<std::string> filled_text_of(json const& object, char const* name) {
    auto text = text_of(object, name);
    return text && !text->empty() ? text : std::nullopt;
}

bool is_vault_name(std::string const& name) {
    auto const fits = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
    };
    return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), fits);
}

bool is_description(std::string const& text) {
    auto const fits = [](unsigned char c) { return c >= 0x20 && c <= 0x7e; };
    return text.size() <= 1024 && std::all_of(text.begin(), text.end(), fits);
}

bool is_topic(std::string const& text, std::string const& region) {
    return text.starts_with("arn:") && text.find(":sns:" + region + ":") != text.npos;
}

// Only of the shapes that the test sends.
bool is_policy(std::string const& text, std::string const& arn) {
    if (text.size() > 20480) return false;
    auto const policy = json::parse(text, nullptr, false);
    if (!policy.is_object() || !policy.contains("Statement") || policy["Statement"].empty()) return false;
    for (auto const& statement : policy["Statement"]) {
        if (!statement.contains("Principal") || statement["Resource"] != arn) return false;
    }
    return true;
}

std::string shown_policy(std::string const& text) {
    auto const policy = json::parse(text);
    nlohmann::ordered_json statements = nlohmann::ordered_json::array();
    for (auto const& statement : policy["Statement"]) {
        nlohmann::ordered_json shown;
        for (auto const* const name : {"Sid", "Effect", "Principal", "Action", "Resource"})
            shown[name] = statement[name];
        if (shown["Action"].is_array()) shown["Action"] = statement["Action"][0];
        statements.push_back(shown);
    }
    return nlohmann::ordered_json{{"Version", policy["Version"]}, {"Statement", statements}}.dump();
}

std::size_t page_limit(Call const& call, std::size_t maximum) {
    auto const text = call.parameter("limit");
    if (!text) return maximum;
    auto const limit = number_of(*text);
    if (!limit || *limit == 0) throw invalid;
    return std::min<std::size_t>(*limit, maximum);
}

void check_hash_fields(Call const& call) {
    auto const tree = call.field("x-amz-sha256-tree-hash").value_or("");
    if (call.field("x-amz-content-sha256").value_or("").empty() || tree.empty()) throw missing;
    if (tree.size() % 2 != 0) throw invalid;
}

void check_content(Call const& call) {
    if (call.field("x-amz-content-sha256") != linear_hash(call.body)) throw bad_signature;
    if (call.field("x-amz-sha256-tree-hash") != tree_hash_of(call.body)) throw invalid;
}

}  // namespace firn::test::model
