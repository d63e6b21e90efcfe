#include "storage/due.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

void expire_job(Transaction& transaction, Due const& due) {
    if (auto const job = transaction.job(due.pk)) transaction.expire_job(*job);
}

void take_inventory(Transaction& transaction, Due const& due) {
    transaction.take_inventory(due.pk, due.at);
}

void drop_upload(Transaction& transaction, Due const& due) {
    transaction.drop_upload(due.pk, due.at);
}

void end_vault_lock(Transaction& transaction, Due const& due) {
    transaction.end_vault_lock(due.pk, due.at);
}

void remove_capacity_unit(Transaction& transaction, Due const& due) {
    transaction.remove_capacity_unit(due.pk);
}

using enum Due::Kind;

// The kinds of one table stand side by side.
constexpr DueKind kinds[] = {
    {job_completes, "jobs", "due_at", "job_pk", "status = 0", nullptr},
    {job_expires, "jobs", "due_at", "job_pk", "status <> 0", expire_job},
    {inventory, "vaults", "inventory_due_at", "vault_pk", "TRUE", take_inventory},
    {upload_dropped, "uploads", "due_at", "upload_pk", "TRUE", drop_upload},
    {lock_ends, "vault_locks", "due_at", "vault_pk", "TRUE", end_vault_lock},
    {capacity_ends, "capacity_units", "due_at", "unit_pk", "TRUE", remove_capacity_unit},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        if (kinds[i].kind != static_cast<Due::Kind>(i)) return false;
    }
    return true;
}
static_assert(is_in_order());

// One SELECT for each table; `select` gets the range of the table's kinds.
std::string union_of_tables(std::function<std::string(DueKind const*, DueKind const*)> const& select) {
    std::string sql;
    for (auto const* first = std::begin(kinds); first != std::end(kinds);) {
        auto const* const end = std::find_if(first, std::end(kinds), [first](DueKind const& kind) {
            return std::string_view(kind.table) != first->table;
        });
        if (!sql.empty()) sql += " UNION ALL ";
        sql += select(first, end);
        first = end;
    }
    return sql;
}

// The columns are at, kind and pk.
std::string list_sql() {
    // One SELECT for two kinds, because one for each would read all due rows of the other kind too.
    auto const select = [](DueKind const* first, DueKind const* end) {
        std::string sql = std::string("SELECT ") + first->time_column + " AS at, CASE";
        for (auto const* kind = first; kind != end; ++kind) {
            sql += std::string(" WHEN ") + kind->condition + " THEN " +
                   std::to_string(static_cast<int>(kind->kind));
        }
        return sql + " END AS kind, " + first->key_column + " AS pk FROM " + first->table + " WHERE " +
               first->time_column + " <= ?1";
    };
    return union_of_tables(select) + " ORDER BY at, pk LIMIT ?2";
}

std::string next_sql() {
    auto const select = [](DueKind const* first, DueKind const*) {
        std::string const column = first->time_column;
        return "SELECT min(" + column + ") AS at FROM " + first->table + " WHERE " + column + " IS NOT NULL";
    };
    return "SELECT min(at) FROM (" + union_of_tables(select) + ")";
}

Due read_due(Query& query) {
    Due due{};
    query.read(due.at, due.kind, due.pk);
    return due;
}

}  // namespace

DueKind const& due_kind(Due::Kind kind) {
    return kinds[static_cast<std::size_t>(kind)];
}

std::vector<Due> View::list_due(Time now, std::size_t limit) const {
    static std::string const sql = list_sql();
    return connection_.query(sql.c_str()).bind(now, limit).all(read_due);
}

std::optional<Time> View::next_due() const {
    static std::string const sql = next_sql();
    return connection_.query(sql.c_str()).first<Time>();
}

}  // namespace firn::storage
