#include "storage/transaction.hpp"

#include <algorithm>

namespace firn::storage {

std::int64_t Transaction::next_numbers(std::int64_t count) {
    // Without RETURNING, which makes a temporary table every time.
    connection_.query("UPDATE counter SET last_number = last_number + ?1").bind(count).run();
    auto const last = connection_.query("SELECT last_number FROM counter").first<std::int64_t>();
    return last.value_or(0) - count + 1;
}

std::optional<std::string> View::setting(std::string_view name) const {
    return connection_.query("SELECT value FROM settings WHERE name = ?1").bind(name).first<std::string>();
}

void Transaction::set_setting(std::string_view name, std::string_view value) {
    connection_.query("INSERT OR REPLACE INTO settings VALUES (?1, ?2)").bind(name, value).run();
}

void Transaction::note_due(Time due) {
    earliest_due_ = std::min(due, earliest_due_.value_or(due));
}

}  // namespace firn::storage
