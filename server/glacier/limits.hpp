// All limits of Glacier. Source: developer guide, "Quotas" and the pages of the operations.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firn::glacier {

inline constexpr std::size_t vaults_max = 1000;  // in an account and region
inline constexpr std::size_t vault_name_length_max = 255;
inline constexpr std::uint64_t archive_size_bytes_max = std::uint64_t{4} << 30;  // in one request
inline constexpr std::size_t description_length_max = 1024;

inline constexpr std::uint64_t part_size_bytes_min = 1 << 20;
inline constexpr std::uint64_t part_size_bytes_max = archive_size_bytes_max;
inline constexpr std::uint64_t parts_max = 10'000;
inline constexpr std::uint64_t multipart_size_bytes_max =
    parts_max * part_size_bytes_max;  // of the whole archive

inline constexpr std::size_t tags_max = 50;  // of a vault; the service model says 10, the developer guide 50
inline constexpr std::size_t tags_per_call_max = 10;
inline constexpr std::size_t tag_key_length_max = 128;
inline constexpr std::size_t tag_value_length_max = 255;
inline constexpr std::size_t capacity_units_max = 2;  // of an account

inline constexpr std::size_t vaults_per_page_max = 10;
inline constexpr std::size_t jobs_per_page_max = 50;
inline constexpr std::size_t uploads_per_page_max = 50;
inline constexpr std::size_t parts_per_page_max = 50;

inline constexpr std::size_t archive_id_length = 138;
inline constexpr std::size_t job_id_length = 92;
inline constexpr std::size_t upload_id_length = 92;
inline constexpr std::size_t lock_id_length = 24;
inline constexpr std::size_t capacity_id_length = 24;
inline constexpr std::size_t marker_length = 135;
inline constexpr std::size_t request_id_length = 47;

// A limit of firn's own: the largest body of a request that carries JSON or needs no body. The largest valid
// one is a policy of 20 KiB with escapes.
inline constexpr std::uint64_t json_body_bytes_max = 1 << 20;

static_assert(vaults_per_page_max <= vaults_max);

}  // namespace firn::glacier
