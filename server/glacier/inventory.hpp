// An inventory as it is downloaded: compact JSON, or CSV with backslash escapes.
// Source: bytes and sizes of real inventories; the developer guide's samples differ in dates and white space.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/records.hpp"
#include "storage/view.hpp"

namespace firn::glacier {

// Writes one inventory piece by piece into `sink`, whatever its length.
class InventoryWriter {
public:
    using Sink = std::function<void(std::string_view)>;

    // `format` is JSON or CSV.
    InventoryWriter(std::string_view format, std::string_view vault_arn, storage::Time inventory_at,
                    Sink sink);
    void add(storage::Archive const& archive);
    void finish();

private:
    void add_json(storage::Archive const& archive);
    void add_csv(storage::Archive const& archive);
    void flush();

    bool const csv_;
    Sink sink_;
    std::string buffer_;
    bool first_ = true;
};

// Writes what `job` lists. Returns where the next page begins, when the filter's limit cut this one.
// `as_of_number`: of the inventory to show, nothing for the live state.
std::optional<std::int64_t> write_inventory(storage::View const& view, storage::Job const& job,
                                            std::optional<std::int64_t> as_of_number,
                                            InventoryWriter& writer);

}  // namespace firn::glacier
