#include "storage/transaction.hpp"

#include <algorithm>

namespace firn::storage {

std::int64_t Transaction::next_number() {
    // Not RETURNING, which makes a temporary table every time.
    connection_.query("UPDATE counter SET last_number = last_number + 1").run();
    auto query = connection_.query("SELECT last_number FROM counter");
    query.step();
    return query.integer(0);
}

std::optional<std::string> View::setting(std::string_view name) const {
    auto query = connection_.query("SELECT value FROM settings WHERE name = ?1");
    query.bind(name);
    return query.step() ? query.optional_text(0) : std::nullopt;
}

void Transaction::set_setting(std::string_view name, std::string_view value) {
    auto query = connection_.query("INSERT OR REPLACE INTO settings VALUES (?1, ?2)");
    query.bind(name, value).run();
}

void Transaction::note_due(Time due) {
    earliest_due_ = std::min(due, earliest_due_.value_or(due));
}

}  // namespace firn::storage
