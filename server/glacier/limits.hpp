// Glacier's limits, all in one place. Source: developer guide, "Quotas" and the pages of the operations.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firn::glacier {

inline constexpr std::size_t vaults_max = 1000;  // an account and region
inline constexpr std::size_t vault_name_length_max = 255;
inline constexpr std::uint64_t archive_size_bytes_max = std::uint64_t{4} << 30;  // in one request
inline constexpr std::size_t description_length_max = 1024;

inline constexpr std::size_t vaults_per_page_max = 10;
inline constexpr std::size_t jobs_per_page_max = 50;

inline constexpr std::size_t archive_id_length = 138;
inline constexpr std::size_t job_id_length = 92;
inline constexpr std::size_t marker_length = 135;
inline constexpr std::size_t request_id_length = 47;

// Not Glacier's: what a request that carries JSON (or needs no body at all) may send. The largest legal one
// is a policy of 20 KiB, escaped.
inline constexpr std::uint64_t json_body_bytes_max = 1 << 20;
inline constexpr int json_depth_max = 32;

static_assert(vaults_per_page_max <= vaults_max);

}  // namespace firn::glacier
