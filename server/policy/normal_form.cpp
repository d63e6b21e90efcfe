#include "server/policy/normal_form.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

// Works on the text, because a tree of values would not keep numbers and escapes as they were sent.
namespace firn::policy {
namespace {

constexpr std::string_view policy_order[] = {"Version", "Id", "Statement"};
constexpr std::string_view statement_order[] = {"Sid",          "Effect",      "Principal",
                                                "NotPrincipal", "Action",      "NotAction",
                                                "Resource",     "NotResource", "Condition"};

// The position after the string that begins at `begin`.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
    auto end = begin + 1;
    while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    return end + 1;
}

std::string without_white_space(std::string_view json) {
    std::string compact;
    for (std::size_t at = 0; at < json.size();) {
        auto const end = json[at] == '"' ? end_of_string(json, at) : at + 1;
        if (std::string_view(" \t\r\n").find(json[at]) == std::string_view::npos)
            compact += json.substr(at, end - at);
        at = end;
    }
    return compact;
}

// The elements of an array, or the members of an object. `json` has no white space.
std::vector<std::string_view> parts_of(std::string_view json) {
    std::vector<std::string_view> parts;
    auto const last = json.size() - 1;
    std::size_t begin = 1;
    int depth = 0;
    for (auto at = begin; at < last;) {
        auto const c = json[at];
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        if (c == ',' && depth == 0) {
            parts.push_back(json.substr(begin, at - begin));
            begin = at + 1;
        }
        at = c == '"' ? end_of_string(json, at) : at + 1;
    }
    if (begin < last) parts.push_back(json.substr(begin, last - begin));
    return parts;
}

struct Member {
    std::string name;
    std::string_view key;  // the name as sent, and the colon
    std::string value;
    std::ptrdiff_t place = 0;
};

// The members in the order of their names in `order`; after these all others, in the order sent.
std::vector<Member> ordered_members(std::string_view object, std::span<std::string_view const> order) {
    std::vector<Member> members;
    for (auto const part : parts_of(object)) {
        auto const end = end_of_string(part, 0);
        Member member{nlohmann::json::parse(part.substr(0, end)).get<std::string>(), part.substr(0, end + 1),
                      std::string(part.substr(end + 1))};
        member.place = std::ranges::find(order, member.name) - order.begin();
        members.push_back(std::move(member));
    }
    std::ranges::stable_sort(members, {}, &Member::place);
    return members;
}

std::string object_of(std::vector<Member> const& members) {
    std::string object;
    for (auto const& member : members)
        object.append(object.empty() ? "{" : ",").append(member.key).append(member.value);
    return object + '}';
}

std::string normal_statement(std::string_view statement) {
    auto members = ordered_members(statement, statement_order);
    for (auto& member : members) {
        if (member.name != "Action" || !member.value.starts_with('[')) continue;
        if (auto const actions = parts_of(member.value); actions.size() == 1)
            member.value = std::string(actions.front());
    }
    return object_of(members);
}

std::string normal_statements(std::string_view value) {
    if (!value.starts_with('[')) return normal_statement(value);
    std::string list;
    for (auto const statement : parts_of(value))
        list.append(list.empty() ? "[" : ",").append(normal_statement(statement));
    return list + ']';
}

}  // namespace

std::string normal_form(std::string_view policy) {
    // What may stand before the object is white space or a byte order mark.
    auto const compact = without_white_space(policy.substr(policy.find('{')));
    auto members = ordered_members(compact, policy_order);
    for (auto& member : members) {
        if (member.name == "Statement") member.value = normal_statements(member.value);
    }
    return object_of(members);
}

}  // namespace firn::policy
