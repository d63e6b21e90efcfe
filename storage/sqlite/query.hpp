// A prepared statement in use: its parameters and the columns of its rows, as values of the store's types.
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "storage/hash/sha256.hpp"
#include "storage/time.hpp"

namespace firn::storage {

// Joins literals to one statement when the program is compiled. To be kept in a `static constexpr` variable,
// since Connection::query() knows statements by their address.
template <std::size_t... Sizes>
consteval auto join_sql(char const (&... parts)[Sizes]) {
    std::array<char, (Sizes + ...) - sizeof...(Sizes) + 1> sql{};
    std::size_t length = 0;
    auto const append = [&](std::string_view part) {
        for (char const c : part) sql[length++] = c;
    };
    (append({parts, Sizes - 1}), ...);
    return sql;
}

// Bind, step, read. The destructor resets the statement: a statement that is not finished would keep its read
// transaction open.
class Query {
public:
    explicit Query(SQLite::Statement& statement) : statement_(statement) {}
    Query(Query const&) = delete;
    ~Query() {
        statement_.tryReset();
        statement_.clearBindings();
    }

    // Binds the arguments to ?1, ?2, … Spans are not copied: their bytes must exist until the query ends.
    template <typename... Arguments>
    Query& bind(Arguments const&... arguments) {
        int index = 0;
        (bind_one(++index, arguments), ...);
        return *this;
    }
    // For statements without rows: how many rows they changed.
    int run() { return statement_.exec(); }

    // Goes to the next row; true while there is one.
    bool step() {
        column_ = 0;
        return statement_.executeStep();
    }
    // Reads the next columns of the row, one for each variable. NULL is 0 or empty unless the variable is
    // optional. A span shows the row's own bytes, until the next step.
    template <typename... Values>
    void read(Values&... values) {
        (read_one(values), ...);
    }
    // The same, or passes over as many columns.
    template <typename... Values>
    void read_if(bool wanted, Values&... values) {
        wanted ? read(values...) : void(column_ += static_cast<int>(sizeof...(values)));
    }

    // The first column of the first row; nothing when that is NULL or there is no row.
    template <typename Value>
    std::optional<Value> first() {
        std::optional<Value> value;
        if (step()) read(value);
        return value;
    }
    // What `read_row` makes of the first row; nothing when there is none.
    template <typename ReadRow>
    auto first(ReadRow const& read_row) -> std::optional<std::invoke_result_t<ReadRow, Query&>> {
        if (!step()) return std::nullopt;
        return read_row(*this);
    }
    // The first column of each row, in order.
    template <typename Value>
    std::vector<Value> all() {
        std::vector<Value> values;
        while (step()) read(values.emplace_back());
        return values;
    }
    // What `read_row` makes of each row, in order.
    template <typename ReadRow>
    auto all(ReadRow const& read_row) -> std::vector<std::invoke_result_t<ReadRow, Query&>> {
        std::vector<std::invoke_result_t<ReadRow, Query&>> rows;
        while (step()) rows.push_back(read_row(*this));
        return rows;
    }

private:
    void bind_one(int index, std::int64_t value) { statement_.bind(index, value); }
    void bind_one(int index, std::uint64_t value) {
        statement_.bind(index, static_cast<std::int64_t>(value));
    }
    void bind_one(int index, int value) { statement_.bind(index, value); }
    void bind_one(int index, Time value) { bind_one(index, std::int64_t{value.time_since_epoch().count()}); }
    void bind_one(int index, Duration value) { bind_one(index, std::int64_t{value.count()}); }
    void bind_one(int index, std::string const& text) { statement_.bind(index, text); }
    void bind_one(int index, std::string_view text) { statement_.bind(index, std::string(text)); }
    void bind_one(int index, std::span<std::byte const> bytes);
    // Copied: digests are small and often temporaries.
    void bind_one(int index, Digest const& digest) {
        statement_.bind(index, digest.data(), static_cast<int>(digest.size()));
    }
    void bind_one(int index, std::nullopt_t) { statement_.bind(index); }
    template <typename Enum>
    requires std::is_enum_v<Enum>
    void bind_one(int index, Enum value) { statement_.bind(index, static_cast<int>(value)); }
    template <typename Value>
    void bind_one(int index, std::optional<Value> const& value) {
        if (value) {
            bind_one(index, *value);
        } else {
            statement_.bind(index);
        }
    }

    std::int64_t next_integer() { return statement_.getColumn(column_++).getInt64(); }
    void read_one(std::int64_t& value) { value = next_integer(); }
    void read_one(std::uint64_t& value) { value = static_cast<std::uint64_t>(next_integer()); }
    void read_one(Time& value) { value = Time(Duration(next_integer())); }
    void read_one(std::string& text) { text = statement_.getColumn(column_++).getString(); }
    void read_one(std::span<std::byte const>& bytes);
    void read_one(Digest& digest);
    template <typename Enum>
    requires std::is_enum_v<Enum>
    void read_one(Enum& value) { value = static_cast<Enum>(next_integer()); }
    template <typename Value>
    void read_one(std::optional<Value>& value) {
        if (statement_.getColumn(column_).isNull()) {
            ++column_;
            value.reset();
        } else {
            read_one(value.emplace());
        }
    }

    SQLite::Statement& statement_;
    int column_ = 0;
};

}  // namespace firn::storage
