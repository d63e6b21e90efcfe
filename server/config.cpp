#include "server/config.hpp"

#include <cstdlib>
#include <stdexcept>

namespace firn {

glacier::Timing timing_of(Config const& config) {
    auto timing = glacier::Timing::profile(config.timing);
    if (!timing) throw std::runtime_error("there is no timing profile " + config.timing);
    if (config.expedited) {
        timing->expedited = *config.expedited;
        // A duration that the user sets is the duration of all sizes.
        timing->expedited_size_bytes_max.reset();
    }
    timing->standard = config.standard.value_or(timing->standard);
    timing->bulk = config.bulk.value_or(timing->bulk);
    timing->inventory_job = config.inventory_job.value_or(timing->inventory_job);
    if (config.inventory == "fresh") timing->inventory = glacier::InventoryMode::fresh;
    if (config.inventory == "daily") timing->inventory = glacier::InventoryMode::daily;
    timing->first_inventory_delay = config.first_inventory_delay.value_or(timing->first_inventory_delay);
    timing->output_lifetime = config.output_lifetime.value_or(timing->output_lifetime);
    timing->upload_lifetime = config.upload_lifetime.value_or(timing->upload_lifetime);
    timing->lock_lifetime = config.lock_lifetime.value_or(timing->lock_lifetime);
    return *timing;
}

std::filesystem::path default_data_dir() {
    // Base directory specification: https://specifications.freedesktop.org/basedir-spec/
    if (char const* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') {
        return std::filesystem::path(data) / "firn";
    }
    if (char const* const home = std::getenv("HOME"); home != nullptr && home[0] != '\0') {
        return std::filesystem::path(home) / ".local/share/firn";
    }
    throw std::runtime_error("HOME is not set; give the directory with --data-dir, or use --in-memory");
}

}  // namespace firn
