#include "server/text/json_text.hpp"

#include <array>

#include "server/text/timestamp.hpp"

namespace firn::text {
namespace {

// For each byte whether JSON needs an escape for it.
constexpr auto needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view plain = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    out += '\\';
    if (auto const at = plain.find(c); at != plain.npos) {
        out += letters[at];
        return;
    }
    out += "u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[c & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    auto begin = text.begin();
    for (auto at = begin; at != text.end(); ++at) {
        if (!needs_escape[static_cast<unsigned char>(*at)]) continue;
        out.append(begin, at);
        append_escaped(out, *at);
        begin = at + 1;
    }
    out.append(begin, text.end());
    out += '"';
}

void JsonText::separate() {
    if (!text_.empty() && std::string_view("{[:").find(text_.back()) == std::string_view::npos) text_ += ',';
}

JsonText& JsonText::append(std::string_view literal) {
    separate();
    text_ += literal;
    return *this;
}

JsonText& JsonText::open(char bracket) {
    separate();
    text_ += bracket;
    return *this;
}

JsonText& JsonText::close(char bracket) {
    text_ += bracket;
    return *this;
}

JsonText& JsonText::key(std::string_view name) {
    value(name);
    text_ += ':';
    return *this;
}

JsonText& JsonText::value(std::string_view text) {
    separate();
    append_json_string(text_, text);
    return *this;
}

JsonText& JsonText::value(storage::Time time) {
    separate();
    text_ += '"';
    append_milliseconds(text_, time);
    text_ += '"';
    return *this;
}

}  // namespace firn::text
