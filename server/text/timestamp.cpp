#include "server/text/timestamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstdlib>

namespace firn::text {
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

// A date while it is written. Uses no heap, because every answer has one date or several.
class Draft {
public:
    // At least `width` digits, with leading zeros; `value` is not negative.
    Draft& number(std::integral auto value, int width) {
        std::array<char, 20> digits;
        auto first = digits.end();
        for (; value > 0 || width > 0; value /= 10, --width) *--first = static_cast<char>('0' + value % 10);
        return text({first, digits.end()});
    }
    Draft& text(std::string_view piece) {
        end_ = std::copy(piece.begin(), piece.end(), end_);
        return *this;
    }
    Draft& date(chrono::year_month_day date) {
        year(date).text("-").number(unsigned(date.month()), 2);
        return text("-").number(unsigned(date.day()), 2);
    }
    // An imported snapshot may have a year before 0.
    Draft& year(chrono::year_month_day date) {
        auto const year = int(date.year());
        if (year < 0) text("-");
        return number(std::abs(year), 4);
    }
    Draft& time_of_day(chrono::hh_mm_ss<Duration> const& time) {
        number(time.hours().count(), 2).text(":").number(time.minutes().count(), 2);
        return text(":").number(time.seconds().count(), 2);
    }
    std::string_view view() const { return {characters_.begin(), end_}; }

private:
    std::array<char, 64> characters_;
    char* end_ = characters_.begin();
};

// Takes exactly `digits` digits off the front of `text`. Nothing when they are not there.
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

// The offset from UTC at the end of a timestamp: `Z`, or hours and minutes.
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

std::optional<chrono::sys_days> take_date(std::string_view& text) {
    auto const year = take_number(text, 4);
    if (!year || *year == 0 || !take(text, '-')) return std::nullopt;
    auto const month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto const day = take_number(text, 2);
    if (!day) return std::nullopt;
    chrono::year_month_day const date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                      chrono::day(static_cast<unsigned>(*day)));
    return date.ok() ? std::optional<chrono::sys_days>(date) : std::nullopt;
}

enum class Seconds { required, optional };

// Hours and minutes, and the seconds with their fraction.
std::optional<Duration> take_time_of_day(std::string_view& text, Seconds seconds) {
    auto const hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    auto const minute = take_number(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    auto const minutes = chrono::hours(*hour) + chrono::minutes(*minute);
    if (!take(text, ':')) return seconds == Seconds::optional ? std::optional(minutes) : std::nullopt;
    auto const second = take_number(text, 2);
    if (!second || *second > 59) return std::nullopt;
    auto const fraction = take_fraction(text);
    return fraction ? std::optional(minutes + chrono::seconds(*second) + *fraction) : std::nullopt;
}

std::optional<Time> parse(std::string_view text, Seconds seconds) {
    auto const day = take_date(text);
    if (!day || !take(text, 'T')) return std::nullopt;
    auto const time_of_day = take_time_of_day(text, seconds);
    auto const offset = take_offset(text);
    if (!time_of_day || !offset) return std::nullopt;
    return *day + *time_of_day - *offset;
}

}  // namespace

void append_milliseconds(std::string& out, Time time) {
    Parts const parts(time);
    Draft draft;
    draft.date(parts.date).text("T").time_of_day(parts.time_of_day);
    draft.text(".").number(parts.time_of_day.subseconds().count(), 3).text("Z");
    out += draft.view();
}

std::string format_milliseconds(Time time) {
    std::string text;
    append_milliseconds(text, time);
    return text;
}

std::string format_seconds(Time time) {
    Parts const parts(time);
    Draft draft;
    draft.date(parts.date).text("T").time_of_day(parts.time_of_day).text("Z");
    return std::string(draft.view());
}

std::string format_http_date(Time time) {
    constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    Parts const parts(time);
    Draft draft;
    draft.text(days[chrono::weekday(parts.day).c_encoding()])
        .text(", ")
        .number(unsigned(parts.date.day()), 2);
    draft.text(" ").text(months[unsigned(parts.date.month()) - 1]).text(" ").year(parts.date);
    draft.text(" ").time_of_day(parts.time_of_day).text(" GMT");
    return std::string(draft.view());
}

std::optional<Time> parse_timestamp(std::string_view text) {
    return parse(text, Seconds::required);
}

std::optional<Time> parse_time(std::string_view text) {
    auto rest = text;
    auto const day = take_date(rest);
    if (day && rest.empty()) return Time(*day);
    return parse(text, Seconds::optional);
}

std::string not_a_time(std::string const& text) {
    return text + " is not a time; write 2030-01-31, 2030-01-31T12:00Z or 2030-01-31T12:00:00+02:00";
}

}  // namespace firn::text
