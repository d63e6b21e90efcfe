#include "server/glacier/timestamp.hpp"

#include <fmt/format.h>

#include <charconv>

namespace firn::glacier {
namespace {
namespace chrono = std::chrono;
using storage::Duration;
using storage::Time;

struct Parts {
    explicit Parts(Time time) : day(chrono::floor<chrono::days>(time)), date(day), time_of_day(time - day) {}

    chrono::sys_days day;
    chrono::year_month_day date;
    chrono::hh_mm_ss<Duration> time_of_day;
};

std::string format(Parts const& parts, bool with_fraction) {
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(parts.date.year()),
                            unsigned(parts.date.month()), unsigned(parts.date.day()),
                            parts.time_of_day.hours().count(), parts.time_of_day.minutes().count(),
                            parts.time_of_day.seconds().count());
    if (with_fraction) text += fmt::format(".{:03}", parts.time_of_day.subseconds().count());
    return text + 'Z';
}

// Takes exactly `digits` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits || text[0] < '0' || text[0] > '9') return std::nullopt;
    auto const [end, error] = std::from_chars(text.data(), text.data() + digits, value);
    if (error != std::errc() || end != text.data() + digits) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// The milliseconds of an optional `.fff…`; further digits are dropped.
std::optional<Duration> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return Duration(0);
    int milliseconds = 0;
    int weight = 100;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits, weight /= 10) {
        milliseconds += (text[digits] - '0') * weight;
    }
    text.remove_prefix(digits);
    return digits > 0 ? std::optional(Duration(milliseconds)) : std::nullopt;
}

// The rest of a timestamp: `Z` or an offset from UTC.
std::optional<Duration> take_offset(std::string_view text) {
    if (text == "Z") return Duration(0);
    bool const west = text.starts_with('-');
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    auto const hours = take_number(text, 2);
    take(text, ':');
    auto const minutes = take_number(text, 2);
    if (!hours || *hours > 23 || !minutes || *minutes > 59 || !text.empty()) return std::nullopt;
    auto const offset = chrono::hours(*hours) + chrono::minutes(*minutes);
    return west ? -offset : offset;
}

}  // namespace

std::string format_milliseconds(Time time) {
    return format(Parts(time), true);
}
std::string format_seconds(Time time) {
    return format(Parts(time), false);
}

std::string format_http_date(Time time) {
    constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    Parts const parts(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       days[chrono::weekday(parts.day).c_encoding()], unsigned(parts.date.day()),
                       months[unsigned(parts.date.month()) - 1], int(parts.date.year()),
                       parts.time_of_day.hours().count(), parts.time_of_day.minutes().count(),
                       parts.time_of_day.seconds().count());
}

std::optional<Time> parse_timestamp(std::string_view text) {
    auto const year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    auto const month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto const day = take_number(text, 2);
    if (!day || !take(text, 'T')) return std::nullopt;
    auto const hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    auto const minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    auto const second = take_number(text, 2);
    if (!second || *second > 59) return std::nullopt;
    auto const fraction = take_fraction(text);
    auto const offset = take_offset(text);
    chrono::year_month_day const date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                      chrono::day(static_cast<unsigned>(*day)));
    if (!fraction || !offset || !date.ok()) return std::nullopt;
    return chrono::sys_days(date) + chrono::hours(*hour) + chrono::minutes(*minute) +
           chrono::seconds(*second) + *fraction - *offset;
}

}  // namespace firn::glacier
