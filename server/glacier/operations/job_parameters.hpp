// The body of InitiateJob, checked as far as possible without looking at the vault.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/records.hpp"

namespace firn::glacier {

struct JobParameters {
    storage::JobAction action = storage::JobAction::archive_retrieval;
    std::optional<std::string> description;
    std::optional<std::string> sns_topic;
    // Archive retrieval.
    std::string archive_id;
    std::string tier;
    // As sent: which ranges are valid depends on the archive.
    std::optional<std::string> retrieval_byte_range;
    // Inventory retrieval.
    std::string format;
    storage::InventoryFilter filter;
    // As sent: which markers are valid depends on the vault.
    std::optional<std::string> marker;
};

// `region`: of the request; topics must be in it. Throws ServiceError.
JobParameters parse_job_parameters(std::string_view text, std::string_view region);

}  // namespace firn::glacier
