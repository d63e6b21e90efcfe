// An inventory as a client downloads it: compact JSON, or CSV with backslash escapes.
// Source: bytes and sizes of real inventories. The samples of the developer guide differ in dates and white
// space.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/records.hpp"
#include "storage/view.hpp"

namespace firn::glacier {

// Writes one inventory to `sink` piece by piece, so that a long inventory needs little memory.
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

// Writes the archives that `job` lists. Returns the number at which the next page begins when the filter's
// limit cut this one. `as_of_number` is the number of the inventory to show; nothing: the current contents.
std::optional<std::int64_t> write_inventory(storage::View const& view, storage::Job const& job,
                                            std::optional<std::int64_t> as_of_number,
                                            InventoryWriter& writer);

}  // namespace firn::glacier
