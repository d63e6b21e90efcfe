// What UploadArchive and UploadMultipartPart check alike: the two hash headers, and the bytes against them.
#pragma once

#include <string_view>

#include "server/glacier/request.hpp"

namespace firn::glacier {

inline constexpr std::string_view tree_hash_field = "x-amz-sha256-tree-hash";
inline constexpr std::string_view description_field = "x-amz-archive-description";

// The value of a header that must be there, or ServiceError.
std::string_view require_field(Request const& request, std::string_view name, std::string_view hint);

// The tree hash that the client sent, well-formed, or ServiceError.
std::string_view require_tree_hash(Request const& request);

// Both hash headers are there and well-formed. Throws ServiceError.
void check_hash_fields(Request const& request);

// Checks a complete body against the hashes that came with it. Throws ServiceError whose hint says which of
// the usual mistakes made the value that was sent.
void check_content(Request const& request);

// Glacier compares hexadecimal values without regard to case.
bool is_same_hash(std::string_view sent, storage::Digest const& computed);

}  // namespace firn::glacier
